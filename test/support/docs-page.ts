// What the docs page holds, read without a browser.

/** A sample as it stands beside an operation. */
export interface PageSample {
  operationId: string;
  /** The number of its example. */
  example: number;
  form: string;
  /** In Chinese and in English, where its comments differ. */
  sources: string[];
}

/** The HTML of the page's parts, by their addresses. */
export function sectionsOf(page: string): Map<string, string> {
  const found = page.matchAll(/<section id="([^"]+)"[^>]*>(.*?)<\/section>/gs);
  return new Map(Array.from(found, ([, id = "", html = ""]) => [id, html]));
}

/** The text of a piece of HTML in one language, with a line for each block. */
export function textIn(html: string, language: "zh-CN" | "en"): string {
  const other = language === "en" ? "zh-CN" : "en";
  return unescaped(
    dropped(html, other)
      .replaceAll(/<\/?(p|div|li|ul|ol|h\d|tr|td|th|pre|details|summary|button|header)\b[^>]*>/g, "\n")
      .replaceAll(/<[^>]+>/g, "")
      .replaceAll(/\s*\n\s*/g, "\n"),
  );
}

/** HTML without its code, in blocks and in lines. */
export const withoutCode = (html: string) => html.replaceAll(/<(pre|code)\b[^>]*>.*?<\/\1>/gs, "");

/** Elements of a language hold no others of their own tag that are of it. */
function dropped(html: string, language: string): string {
  let rest = html;
  for (;;) {
    const start = rest.search(new RegExp(`<\\w+ lang="${language}"`));
    if (start < 0) return rest;
    const [, tag = ""] = /^<(\w+)/.exec(rest.slice(start)) ?? [];
    const tags = new RegExp(`<(/?)${tag}\\b`, "g");
    tags.lastIndex = start;
    let depth = 0;
    let end = rest.length;
    for (let match = tags.exec(rest); match !== null; match = tags.exec(rest)) {
      depth += match[1] === "/" ? -1 : 1;
      if (depth === 0) {
        end = match.index;
        break;
      }
    }
    rest = rest.slice(0, start) + rest.slice(end).replace(/^<\/\w+>/, "");
  }
}

const ENTITIES: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };
export const unescaped = (html: string) => html.replaceAll(/&[a-z#0-9]+;/g, (entity) => ENTITIES[entity] ?? entity);

/** The samples of a request, in the order of the page. */
export function samplesOf(page: string): PageSample[] {
  return [...sectionsOf(page)].flatMap(([id, html]) => {
    const operationId = id.replace(/^operation\//, "");
    return html.split(/(?=<div class="sample" data-example=)/).flatMap((sample) => {
      const example = Number(/^<div class="sample" data-example="(\d+)"/.exec(sample)?.[1]);
      return sample.split(/(?=<div data-form=)/).flatMap((view): PageSample[] => {
        const form = /^<div data-form="(\w+)"/.exec(view)?.[1];
        if (form === undefined) return [];
        const [own = ""] = view.split("</div>");
        const sources = Array.from(own.matchAll(/<code class="[^"]*">(.*?)<\/code>/gs), ([, code = ""]) =>
          unescaped(code),
        );
        return [{ operationId, example, form, sources }];
      });
    });
  });
}
