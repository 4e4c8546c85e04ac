// The page around its parts: the bar, the menu, and the script and style that are in it.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { escaped, inline } from "./html.js";
import type { Text } from "./languages.js";
import type { Section } from "./operation.js";
import { WORDS } from "./words.js";

/** A part of the menu. */
export interface Group {
  title: Text;
  sections: Section[];
}

/** What the page is made of. */
export interface Page {
  name: Text;
  menu: { title?: Text; groups: Group[] }[];
  sections: Section[];
  /** Whether its texts are in two languages. */
  areTwo: boolean;
  /** The language without a script, and the only one where there are not two. */
  first: "zh-CN" | "en";
}

export async function frame({ name, menu, sections, areTwo, first }: Page): Promise<string> {
  const [style, start, script] = await Promise.all([asset("page.css"), asset("start.js"), asset("page.js")]);
  // No script runs but these two, whatever a description holds.
  const policy = `default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src ${hash(style)}; script-src ${hash(start)} ${hash(script)}`;
  const { search, nothing, copy, copied } = WORDS;
  const ids = new Set(sections.map(({ id }) => id));
  return `<!DOCTYPE html>
<html lang="${first}"${areTwo ? " data-bilingual" : ""}${data("title", name)}${data("words", { search, nothing, copy, copied })}>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escaped(first === "en" ? name.en : name.zh)}</title>
<style>${style}</style>
<script>${start}</script>
</head>
<body>
<header id="top">
<a href="#">${inline(name)}</a>
<button type="button" id="menu-button" aria-expanded="false" aria-controls="side">${inline(WORDS.menu)}</button>
${areTwo ? SWITCH : ""}
</header>
<div id="side">
<search><div class="box"><input id="search" type="search" autocomplete="off" spellcheck="false"></div>
<ol id="found" hidden></ol></search>
<nav id="menu">${menu.map((part) => menuPart(part, ids)).join("")}</nav>
</div>
<main tabindex="-1">
${sections.map(shown).join("\n")}
</main>
<script>${script}</script>
</body>
</html>
`;
}

/** Each language by its own name, whichever is shown. */
const SWITCH = `<div id="languages">
<button type="button" data-language="zh-CN" lang="zh">中文</button>
<button type="button" data-language="en" lang="en-GB">English</button>
</div>`;

/** Not laid out until it is shown; without a script all of them are. */
const shown = ({ id, html }: Section, i: number) =>
  `<section id="${escaped(id)}"${i > 0 ? ' hidden="until-found"' : ""}>${html}</section>`;

export const badgeOf = (badge: Text) => `<b class="badge ${escaped(badge.en.toLowerCase())}">${inline(badge)}</b>`;

/** @param left the parts that are not in the menu yet: two descriptions may share one. */
function menuPart({ title, groups }: Page["menu"][number], left: Set<string>): string {
  const item = ({ id, badge, title }: Section) =>
    `<li><a href="#${escaped(id)}">${badge ? badgeOf(badge) : ""}<span>${inline(title)}</span></a></li>`;
  const group = ({ title, sections }: Group) =>
    `<h3>${inline(title)}</h3><ul>${sections
      .filter(({ id }) => left.delete(id))
      .map(item)
      .join("")}</ul>`;
  return `${title ? `<h2>${inline(title)}</h2>` : ""}${groups.map(group).join("")}`;
}

const asset = (file: string) => readFile(new URL(`assets/${file}`, import.meta.url), "utf8");
const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const data = (name: string, value: unknown) => ` data-${name}="${escaped(JSON.stringify(value))}"`;
