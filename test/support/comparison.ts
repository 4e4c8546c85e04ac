import { readFile } from "node:fs/promises";

/** The columns of README's comparison, in its order. */
export const COMPARED = [
  "wechatpay-node-v3",
  "wechatpay-axios-plugin",
  "node-easywechat",
  "wechatpay-openapi-fetch",
] as const;
export const OURS = "wechatpay-openapi-fetch";
export type Compared = (typeof COMPARED)[number];

/** Its rows, in its order. */
export const ASPECTS = [
  "coverage",
  "types",
  "verifies",
  "keys",
  "encrypts",
  "repeats",
  "sandbox",
  "explains",
  "runtimes",
] as const;
export type Aspect = (typeof ASPECTS)[number];

/** README's comparison: the versions at its head, and the text of each cell. */
export interface Comparison {
  versions: string[];
  cells: Record<Aspect, Record<Compared, string>>;
}

/** Reads the comparison of README.md or README.zh-CN.md: the table whose head has a version in it. */
export async function comparisonOf(page: string): Promise<Comparison> {
  const [table = ""] = /^\|[^\n]*\d+\.\d+\.\d+ \|[^\n]*\n(?:\|[^\n]*\n)+/m.exec(await readFile(page, "utf8")) ?? [];
  const [head = [], , ...rows] = table
    .trimEnd()
    .split("\n")
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  if (rows.length !== ASPECTS.length) throw new Error(`${page} compares ${rows.length} aspects`);
  const named = (texts: string[]) => Object.fromEntries(COMPARED.map((name, index) => [name, texts[index + 1] ?? ""]));
  const cells = Object.fromEntries(ASPECTS.map((aspect, index) => [aspect, named(rows[index] ?? [])]));
  return { versions: head.slice(1), cells: cells as Comparison["cells"] };
}
