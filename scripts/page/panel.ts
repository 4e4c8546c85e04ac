// What stands beside an operation: samples in several forms, of which the page's script shows one.
import { escaped, inline } from "./html.js";
import { differs, type Text } from "./languages.js";
import type { Example, Sample } from "./samples.js";
import { WORDS } from "./words.js";

type FormName = keyof Sample["forms"];

const LANGUAGES: Record<FormName, string> = { chain: "ts", byPath: "ts", byMethod: "ts", curl: "sh", payload: "json" };
const LABELS: Record<FormName, Text> = {
  chain: WORDS.chain,
  byPath: WORDS.byPath,
  byMethod: WORDS.byMethod,
  curl: { zh: "cURL", en: "cURL" },
  payload: WORDS.payload,
};

/** A sample that is shown, and what the sandbox calls it, where it can be sent there. */
interface Shown extends Pick<Sample, "summary" | "forms"> {
  send?: string;
}

/** An example of a body as a sample of one form. */
export function sample({ summary, value }: Example): Shown {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return { ...(summary && { summary }), forms: { payload: { zh: text, en: text } } };
}

export function panel(samples: Shown[]): string {
  const forms = (Object.keys(LABELS) as FormName[]).filter((form) => samples.some((each) => form in each.forms));
  const formButtons = forms.map((form) => `<button type="button" data-form="${form}">${inline(LABELS[form])}</button>`);
  const exampleButtons = samples.map(
    ({ summary }, i) => `<button type="button" data-example="${i}">${summary ? inline(summary) : i + 1}</button>`,
  );
  return [
    `<div class="panel">`,
    forms.length > 1 ? `<div class="pick">${formButtons.join("")}</div>` : "",
    samples.length > 1 ? `<div class="pick examples">${exampleButtons.join("")}</div>` : "",
    ...samples.map((each, i) => one(each, i, samples.length > 1)),
    "</div>",
  ].join("");
}

function one({ summary, send, forms }: Shown, number: number, isNamed: boolean): string {
  const link = send && `<a class="send" hidden href="/#send=${escaped(send)}">${inline(WORDS.send)}</a>`;
  // One of several is named by its button.
  const name = summary && !isNamed ? `<span>${inline(summary)}</span>` : "";
  const views = (Object.entries(forms) as [FormName, Text][]).map(
    ([form, text]) => `<div data-form="${form}">${codeView(LANGUAGES[form], text)}</div>`,
  );
  const head = link || name ? `<p class="about">${name}${link ?? ""}</p>` : "";
  return `<div class="sample" data-example="${number}">${head}${views.join("")}</div>`;
}

/** Code, in each language where its comments differ. */
export function codeView(language: string, text: Text): string {
  const view = (code: string, attributes = "") =>
    `<pre${attributes}><code class="language-${language}">${escaped(code.trimEnd())}</code></pre>`;
  if (!differs(text)) return view(text.zh);
  return view(text.zh, ' lang="zh-CN"') + view(text.en, ' lang="en"');
}
