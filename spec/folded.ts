// Where the public documents disagree or are silent, a description says so at its end, folded.

/** The folded end of a description. */
const FOLDED = /\s*<details>.*<\/details>\s*$/s;

/** The document without the folded ends of its descriptions: an editor cannot fold, and shows the tags. */
export function withoutFolded<Document>(document: Document): Document {
  return JSON.parse(JSON.stringify(document), (key, value) =>
    key === "description" && typeof value === "string" ? value.replace(FOLDED, "") : value,
  );
}
