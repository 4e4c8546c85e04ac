// What no option of Redoc and no page template can change is changed in Redoc's minified script. Scalar (standalone, 1.72.1) was tried
// in its place: it needs none of this for its logo and its search, but the page is 1 MB larger, and its code does not follow the chosen
// example either.

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="50" height="16"><text y="12" font-size="12" font-family="sans-serif">Redoc</text></svg>`;

const PATCHES: { what: string; found: string | RegExp; replacement: string }[] = [
  {
    // The logo beside the words "API docs by" is loaded from a CDN, and the page must work without a network. CSS that hides an image
    // does not keep a browser from loading it.
    what: "the logo",
    found: /https:\/\/cdn\.redoc\.ly\/[\w/-]+\.svg/g,
    replacement: `data:image/svg+xml,${LOGO.replaceAll('"', "%22")}`,
  },
  {
    // The search finds a word by its first letters only, but Chinese has no spaces between words. Longer "words" than 64 characters
    // are keys and ciphertexts.
    what: "the search",
    found: "tokenize:`forward`,context:",
    replacement: "tokenize:`full`,encoder:{maxlength:64},context:",
  },
  {
    // Redoc shows the first sample of the chosen language, whichever example is chosen. This shows the one with the example's number:
    // our samples come in the order of the examples. Text that a script puts there afterwards would lose highlighting and copying.
    what: "the choice of code samples",
    found:
      /(?<before>=[\w$]+\?\.\[(?<index>[\w$]+)\],.{0,200}?let (?<sample>[\w$]+)=[\w$]+\?\.)find(?<test>\([\w$]+=>[\w$]+\([\w$]+\)===[\w$]+\);return )\k<sample>\?\k<sample>(?<after>\.source:.{0,100}?\},\[)/g,
    replacement: "$<before>filter$<test>$<sample>?.length?($<sample>[$<index>]??$<sample>[0])$<after>$<index>,",
  },
];

/** The page with all of that changed, and what of it is not found, as in another version of Redoc. */
export function patchRedoc(page: string): { page: string; unchanged: string[] } {
  const unchanged: string[] = [];
  let patched = page;
  for (const { what, found, replacement } of PATCHES) {
    const before = patched;
    patched = before.replaceAll(found, replacement);
    if (patched === before) unchanged.push(what);
  }
  return { page: patched, unchanged };
}
