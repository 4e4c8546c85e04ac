/** The table of runtimes and capabilities, as the guide has it in both languages. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { capabilities, type Result, type Texts } from "./capabilities.js";

const here = import.meta.dirname;
const PAGES = { en: "guide/runtimes.md", zh: "guide/runtimes.zh-CN.md" } as const;
export type Language = keyof typeof PAGES;
export const LANGUAGES = Object.keys(PAGES) as Language[];

const { dependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8")) as {
  dependencies: Record<string, string>;
};

/** A runtime: as the command line names it, the folder of its package, and its title in the table. */
export interface Column {
  name: string;
  folder: string;
  title: string;
}

const column = (name: string, what: string): Column => {
  const folder = name.replace("@", "");
  const [version = ""] = /\d+\.\d+/.exec(dependencies[folder]?.replace(/^npm:node@/, "") ?? "") ?? [];
  return { name, folder, title: `${what}${version && ` ${version}`}` };
};

export const COLUMNS: Column[] = [
  ...["node@20", "node@22", "node@24", "node@26"].map((name) => column(name, "Node.js")),
  column("bun", "Bun"),
  column("deno", "Deno"),
  // Its version is a day, and says nothing to those who deploy there.
  { name: "workerd", folder: "workerd", title: "Workers" },
];

export const pageOf = (language: Language) => join(here, "../..", PAGES[language]);

/** Results by title of the runtime, and by English name of the capability. */
export type Results = Record<string, Record<string, Result>>;

const cellOf = (result: Result | undefined, language: Language) =>
  result === undefined || result.error !== undefined ? "✗" : (result.note?.[language] ?? "✓");

/** As Markdown: a row for each capability. */
export function tableOf(results: Results, language: Language): string {
  const titles = Object.keys(results);
  const row = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [
    row(["", ...titles]).replace("|  |", "| |"),
    row(["---", ...titles.map(() => ":-:")]),
    ...capabilities.map((capability) => {
      const cells = titles.map((title) => cellOf(results[title]?.[capability.en], language));
      return row([capability[language], ...cells]);
    }),
  ].join("\n");
}

/** The table in a page: it begins with the title of the first runtime, and ends with an empty line. */
const TABLE = /^\| \| Node\.js 20.*?(?=\n\n)/ms;

export function tableIn(page: string, language: Language): string {
  const [table] = TABLE.exec(page) ?? [];
  if (table === undefined) throw new Error(`${PAGES[language]} has no table that begins with "| | Node.js 20".`);
  return table;
}

/** A page with another table in it. */
export const withTable = (page: string, table: string): string => page.replace(TABLE, () => table);

/** What a table of a page has for a runtime that a run has something else for; nothing where they agree. */
export function differences(page: string, results: Results, language: Language): string[] {
  const cells = (table: string) => table.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  const written = cells(tableIn(page, language));
  const found = cells(tableOf(results, language));
  return Object.keys(results).flatMap((title, index) => {
    const place = written[0]?.indexOf(title) ?? -1;
    if (place < 0) return [`${PAGES[language]} has no column ${title}`];
    return capabilities.flatMap((capability: Texts) => {
      const cell = (table: string[][], at: number) => table.find((line) => line[1] === capability[language])?.[at];
      const [is, should] = [cell(written, place), cell(found, index + 2)];
      return is === should
        ? []
        : [`${PAGES[language]}: ${capability[language]}, ${title}: ${is} in place of ${should}`];
    });
  });
}
