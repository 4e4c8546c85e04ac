/** A page without its code blocks. */
export const proseOf = (page: string): string => page.replace(/^```.*?^```$/gms, "");

/** The cells of the tables of a page: table by table, row by row, without the row of dashes. */
export function tablesOf(page: string): string[][][] {
  const tables = proseOf(page).match(/(?:^\|.*\|$\n?)+/gm) ?? [];
  return tables.map((table) => {
    const rows = table.trim().split("\n");
    return rows.filter((_, index) => index !== 1).map((row) => row.split("|").slice(1, -1).map(trim));
  });
}

const trim = (text: string) => text.trim();

/** What a page consists of, whatever its language: `## heading`, `table 3 × 4`, `list of 5`, `code`, `text`. */
export function outlineOf(page: string): string[] {
  const blocks = page
    .replace(/^```.*?^```$/gms, "```")
    .trim()
    .split(/\n{2,}/);
  return blocks.map((block) => {
    const [start = ""] = /^(#+ |[-|]|```)/.exec(block) ?? [];
    if (start === "|")
      return `table ${tablesOf(block)[0]
        ?.map((row) => row.length)
        .join(" ")}`;
    if (start === "-") return `list of ${block.match(/^- /gm)?.length}`;
    return start === "" ? "text" : start === "```" ? "code" : `${start}heading`;
  });
}

/** The anchors of the headings of a page, as GitHub makes them. */
export function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>();
  return Array.from(proseOf(page).matchAll(/^#+ (.*)$/gm), ([, heading = ""]) => {
    const text = heading.replace(/\[(.*?)\]\(.*?\)/g, "$1").toLowerCase();
    const slug = text.replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "").replaceAll(" ", "-");
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

/** The links and pictures of a page, without those of its code: where each leads, as written. */
export const linksOf = (page: string): string[] =>
  Array.from(
    proseOf(page).matchAll(/\]\(([^)\s]+)\)|\b(?:src|srcset|href)="([^"]+)"/g),
    ([, link, html]) => link ?? html ?? "",
  );
