// Descriptions → one page: HTML that is shown by a browser without a network, and by itself without its script.
import { DISPLAY_NAME } from "../../spec/keys.js";
import { type Json, operationsOf, resolver } from "../../spec/refs.js";
import { chainPlaces } from "../generate/places.js";
import { badgeOf, frame, type Group } from "./frame.js";
import { code, escaped, inline, prose, type Routes, slugOf, title } from "./html.js";
import { apart, both, differs, say, type Text } from "./languages.js";
import { idOf, notificationSection, operationSection, type Section } from "./operation.js";
import { sharedOf, sharedParts } from "./responses.js";
import type { PageOperation } from "./samples.js";
import type { Document } from "./schema.js";
import { WORDS } from "./words.js";

/** A description, in one piece, and what is written for its readers. */
export interface Described {
  document: Json;
  /** Markdown with a heading of the second level for each part; it links to an operation by `#operation/<operationId>`. */
  guide: string;
  /** The command that starts a sandbox with it. */
  sandbox: string;
  /** The module that has the types of its notifications. */
  types: string;
}

/** What a description becomes. */
interface Family {
  title: Text;
  overview: Section;
  guides: Section[];
  groups: Group[];
  shared: Map<string, string>;
}

/**
 * @param name of the page; default the title of the first description
 * @throws {Error} where a guide links to an operation that there is not.
 */
export async function pageOf(all: Described[], name?: Text): Promise<string> {
  const families = all.map(familyOf);
  const shared = new Map(families.flatMap((family) => [...family.shared]));
  const parts: Section = {
    id: "shared",
    title: WORDS.shared,
    html: `<h1>${inline(WORDS.shared)}</h1><div class="text">${[...shared.values()].join("")}</div>`,
  };
  const guides: Group = {
    title: WORDS.guide,
    // What a family does, step by step, comes before what is said of all.
    sections: [
      ...families.flatMap(({ overview, guides: [flow] }) => [overview, ...(flow ? [flow] : [])]),
      ...families.flatMap(({ guides }) => guides.slice(1)),
      ...(shared.size > 0 ? [parts] : []),
    ],
  };
  const menu = [
    { groups: [guides] },
    ...families.map(({ title, groups }) => ({ ...(families.length > 1 && { title }), groups })),
  ];
  const sections = menu.flatMap(({ groups }) => groups.flatMap((group) => group.sections));
  const heading = name ?? families[0]?.title ?? both("");
  return frame({ name: heading, menu, sections: distinct(sections), ...languagesOf(all) });
}

/** Whether descriptions are in two languages; and where they are not, in which one the page speaks. */
function languagesOf(all: Described[]): { areTwo: boolean; first: "zh-CN" | "en" } {
  const texts: string[] = all.map(({ guide }) => guide);
  // Names of fields are at most read in vain.
  JSON.stringify(all, (key, value) => {
    if (["title", "summary", "description", DISPLAY_NAME].includes(key) && typeof value === "string") texts.push(value);
    return value;
  });
  const isChinese = texts.some((text) => /\p{Script=Han}/u.test(text));
  return { areTwo: texts.some((text) => differs(apart(text))), first: isChinese ? "zh-CN" : "en" };
}

function familyOf({ document: given, guide, sandbox, types }: Described): Family {
  const resolve = resolver(given);
  const operations: PageOperation[] = operationsOf(given);
  const notifications = operationsOf<Json>({ paths: given.webhooks });
  const routes: Routes = new Map(
    [...operations, ...notifications].flatMap(({ operation }) =>
      typeof operation.operationId === "string" ? [[operation.operationId, `#${idOf(operation.operationId)}`]] : [],
    ),
  );
  const document: Document = { resolve, routes, shared: sharedOf(given, resolve) };
  const { places } = chainPlaces(operations);
  const made = [
    ...operations.map((each) => ({ each, section: operationSection(each, places.get(each), document) })),
    ...notifications.map((each) => ({ each, section: notificationSection(each, types, document) })),
  ];
  const tags = (given.tags ?? []) as { name: string; description?: string; [DISPLAY_NAME]?: string }[];
  const tagOf = ({ operation }: (typeof made)[number]["each"]) => ((operation.tags ?? []) as string[])[0] ?? "";
  const names = [...new Set([...tags.map((tag) => tag.name), ...made.map(({ each }) => tagOf(each))])];
  const groups = names.flatMap((name) => {
    const tag = tags.find((each) => each.name === name);
    const sections = made.filter(({ each }) => tagOf(each) === name).map(({ section }) => section);
    // A number before the name counts the steps, in both languages.
    const [, number = "", shown = ""] = /^(\d+ )?(.*)$/s.exec(tag?.[DISPLAY_NAME] ?? name) ?? [];
    return sections.length > 0
      ? [{ title: name === "" ? WORDS.operations : say`${number}${title(shown)}`, sections, about: tag?.description }]
      : [];
  });
  const info = given.info as { title?: string; summary?: string; description?: string };
  const [opening = "", ...rules] = (info.description ?? "").split(/^(?=## )/m);
  const [folded = ""] = rules.map((rule) => /^<details>.*<\/details>\s*$/ms.exec(rule)?.[0]).filter(Boolean);
  const text = [...guide.split(/^(?=## )/m), ...rules.map((rule) => rule.replace(folded, ""))];
  requireOperations(guide, routes);
  const guides = text.filter((part) => part.startsWith("## ")).map((part) => guideSection(part, routes));
  return {
    title: title(info.title),
    overview: overviewOf({ ...info, opening: `${opening}${folded}` }, given, groups, sandbox, routes),
    guides: [...guides, ...securitySections(given, routes)],
    groups,
    shared: sharedParts(document),
  };
}

function overviewOf(
  info: { title?: string; summary?: string; opening: string },
  { servers = [] }: Json,
  groups: (Group & { about?: string | undefined })[],
  sandbox: string,
  routes: Routes,
): Section {
  const heading = title(info.title);
  const list = (servers as { url: string; description?: string }[]).map(
    ({ url, description }) => `<li>${code(url)} ${description ? inline(title(description)) : ""}</li>`,
  );
  const local = `<li><code>http://127.0.0.1:8787</code> ${inline(WORDS.local)} ${code(sandbox)}</li>`;
  const tables = groups.map(({ title: name, about, sections }) => {
    const items = sections.map(
      ({ id, badge, title }) => `<li><a href="#${escaped(id)}">${badge ? badgeOf(badge) : ""}${inline(title)}</a></li>`,
    );
    return `<h3>${inline(name)}</h3>${prose(about, routes)}<ul class="operations">${items.join("")}</ul>`;
  });
  const html = [
    `<h1>${inline(heading)}</h1><div class="text">`,
    info.summary ? `<p class="summary">${inline(title(info.summary))}</p>` : "",
    prose(info.opening, routes),
    `<h2>${inline(WORDS.servers)}</h2><ul class="servers">${list.join("")}${local}</ul>`,
    `<h2>${inline(WORDS.operations)}</h2>${tables.join("")}</div>`,
  ];
  return { id: `overview/${slugOf(heading)}`, title: heading, html: html.join("") };
}

function guideSection(part: string, routes: Routes): Section {
  const [first = "", ...lines] = part.split("\n");
  const heading = title(first.replace(/^## +/, "").trim());
  const html = `<h1>${inline(heading)}</h1><div class="text">${prose(lines.join("\n"), routes)}</div>`;
  return { id: `guide/${slugOf(heading)}`, title: heading, html };
}

function securitySections({ components }: Json, routes: Routes): Section[] {
  const schemes = Object.entries((Object(components).securitySchemes ?? {}) as Record<string, Json>);
  return schemes.map(([name, { description }]) => ({
    id: `guide/${slugOf(both(name))}`,
    title: WORDS.security,
    html: `<h1>${inline(WORDS.security)}</h1><p>${code(name)}</p><div class="text">${prose(description, routes)}</div>`,
  }));
}

function requireOperations(guide: string, routes: Routes): void {
  for (const [, operationId = ""] of guide.matchAll(/\]\(#operation\/(\w+)\)/g))
    if (!routes.has(operationId))
      throw new Error(`guide.md links to the operation ${operationId}, which the spec does not have.`);
}

/** One of each address: two descriptions may share a part, such as how requests are signed. */
const distinct = (sections: Section[]) => [...new Map(sections.map((section) => [section.id, section])).values()];
