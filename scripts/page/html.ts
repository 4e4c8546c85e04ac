// Texts as HTML: an element for each language, of which a style sheet hides one, and one element where the languages do not differ.
import { Marked } from "marked";
import { apart, both, differs, type Text } from "./languages.js";

/** The address of each operation on the page, by operationId. */
export type Routes = ReadonlyMap<string, string>;

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
export const escaped = (text: string) => text.replaceAll(/[&<>"]/g, (found) => ENTITIES[found] ?? found);
export const code = (text: unknown) =>
  `<code>${escaped(typeof text === "string" ? text : JSON.stringify(text))}</code>`;

/** As `pair`, in a line. */
export const inline = (text: Text) => pair("span", text, escaped);

/** A text whose mark-up is `tag`, in each language; `write` makes HTML of it. */
export function pair(tag: string, text: Text, write: (text: string) => string): string {
  if (differs(text))
    return `<${tag} lang="zh-CN">${write(text.zh)}</${tag}><${tag} lang="en">${write(text.en)}</${tag}>`;
  return tag === "span" ? write(text.zh) : `<${tag}>${write(text.zh)}</${tag}>`;
}

/** Where a link may lead: nowhere but to a page, or to a part of this one. */
export const isLink = (url: unknown): url is string => typeof url === "string" && /^(?:https?:\/\/|#)/i.test(url);

/** The HTML that a description may have; any other is shown as it is written. Without attributes, it does nothing by itself. */
const HTML = /<!--.*?-->|(<\/?(?:details|summary)>|<br>)|[<>"]|&(?!#?\w+;)/gs;
const harmless = (html: string) =>
  html.replaceAll(HTML, (found, tag?: string) => tag ?? (found.startsWith("<!--") ? "" : escaped(found)));

const reader = new Marked({
  renderer: {
    html: ({ text }) => harmless(text),
    // Text behind a `<code>` of HTML is not escaped by marked.
    text(token) {
      return "tokens" in token && token.tokens ? false : harmless(token.text);
    },
    link({ href, tokens }) {
      return isLink(href) ? false : this.parser.parseInline(tokens);
    },
    image: ({ href, text }) => (/^data:image\//i.test(href) ? false : escaped(text)),
  },
});

/** Markdown, with a link to each operation that it names in code. */
export function markdown(text: Text, routes: Routes): string {
  return pair("div", text, (written) => reader.parse(linkNames(written, routes), { async: false }).trim());
}

/** As `markdown`, of a text that holds both languages. */
export function prose(text: unknown, routes: Routes): string {
  return typeof text === "string" && text.trim() !== "" ? markdown(apart(text.trim()), routes) : "";
}

export const title = (text: unknown): Text => (typeof text === "string" ? apart(text) : both(""));

function linkNames(text: string, routes: Routes): string {
  return text.replace(/(?<!\[)`(\w+)`/g, (found, name: string) =>
    routes.has(name) ? `[${found}](${routes.get(name)})` : found,
  );
}

/** The English name up to its colon, so that the address of a part is the same in both languages. */
export const slugOf = ({ en }: Text) =>
  (/^[^:：]*/.exec(en)?.[0] ?? "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-|-$/g, "");
