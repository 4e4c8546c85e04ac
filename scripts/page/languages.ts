// A description says everything twice: in Chinese, and below it or behind it in English. This takes the two apart.

/** What one language says, and the other. */
export interface Text {
  zh: string;
  en: string;
}

/** Whether the languages differ: they do not where only one is written. */
export const differs = ({ zh, en }: Text) => zh !== en;
export const both = (text: string): Text => ({ zh: text, en: text });
/** A text made of several, as a template literal makes one of strings. */
export function say(parts: TemplateStringsArray, ...values: (Text | string)[]): Text {
  const join = (language: keyof Text) =>
    parts.reduce((said, part, i) => {
      const value = values[i - 1] ?? "";
      return said + (typeof value === "string" ? value : value[language]) + part;
    });
  return { zh: join("zh"), en: join("en") };
}

const HAN = /\p{Script=Han}/u;
/** A word of English, outside what {@link masked} hides; capitals alone are a name, such as SDK. */
const WORD = /[a-z]{2}/;

/**
 * Markdown in Chinese and English → Markdown in each. Taken apart are paragraphs, items of lists, headings, labels in bold, cells of tables
 * and comments in code. A cell may also say where its English starts, by `<br>`. What is written in one language only, in the whole text or in a cell, is in both.
 */
export function apart(text: string): Text {
  const units = unitsOf(text);
  const said = { zh: units.some(({ zh, en }) => zh && zh !== en), en: units.some(({ zh, en }) => en && zh !== en) };
  if (!said.zh || !said.en) return both(joinChinese(text));
  const written = (language: keyof Text) =>
    units
      .flatMap((unit) => unit[language] ?? [])
      .join("\n")
      .replaceAll(/\n{3,}/g, "\n\n")
      .trim();
  return { zh: joinChinese(written("zh")), en: written("en") };
}

/** Chinese that goes on in another line has no blank between. */
const joinChinese = (text: string) => text.replaceAll(/(?<=[\p{Script=Han}。；：，、）])\n *(?=\p{Script=Han})/gu, "");

const STARTS = /^\s*(?:[-*+] |\d+\. |#+ |\||<)|^\s*$/;

/** The text in pieces, each of which is of one language or says one thing in both. */
function unitsOf(text: string): Partial<Text>[] {
  const units: Partial<Text>[] = [];
  let lines: string[] = [];
  let fence = false;
  const close = () => {
    if (lines.length > 0) units.push(unitOf(lines.join("\n")));
    lines = [];
  };
  for (const line of text.split("\n")) {
    const isFence = /^\s*```/.test(line);
    if (isFence || fence) {
      close();
      units.push(codeLine(line));
      if (isFence) fence = !fence;
    } else {
      if (STARTS.test(line)) close();
      lines.push(line);
      if (/^\s*$|^\s*[|#<]/.test(line)) close();
    }
  }
  close();
  return units;
}

/** A comment in code is of one language, too. */
function codeLine(line: string): Text {
  const [, code = "", comment] = /^(.*?(?:\/\/|#) )(.*\p{Script=Han}.*)$/u.exec(line) ?? [];
  if (comment === undefined) return both(line);
  const { zh = comment, en = comment } = phrase(comment);
  return { zh: code + zh, en: code + en };
}

function unitOf(unit: string): Partial<Text> {
  if (/^\s*\|/.test(unit)) return cells(unit);
  const [, before = "", inner = unit, after = ""] =
    /^(\s*(?:[-*+] |\d+\. |#+ |<summary>)?(?:\*\*(?=[^*]*\*\*$))?)(.*?)(\*\*|<\/summary>)?$/s.exec(unit) ?? [];
  const { zh, en } = phrase(inner);
  const wrap = (said: string | undefined) => (said === undefined ? {} : before + said + after);
  return {
    ...(zh !== undefined && { zh: wrap(zh) as string }),
    ...(en !== undefined && { en: wrap(en) as string }),
  };
}

function cells(row: string): Text {
  const split = row.split(/(?<!\\)\|/).map((cell) => {
    const { zh = cell, en = cell } = phrase(cell.trim());
    return { zh: ` ${zh.trim()} `, en: ` ${en.trim()} ` };
  });
  const join = (language: keyof Text) =>
    split
      .map((cell) => cell[language])
      .join("|")
      .trim();
  return { zh: join("zh"), en: join("en") };
}

/** Code, addresses, and official terms in parentheses or quotes belong to the sentence around them. */
function masked(text: string): string {
  const hide = (found: string) => "\0".repeat(found.length);
  return text.replaceAll(/`[^`]*`|\]\([^)]*\)|"[^"\n]*"|<[^>]*>/g, hide).replaceAll(/\([^()]*\)/g, hide);
}

/** Where one stretch of text ends being Chinese and starts being English, if it is both. */
export function phrase(text: string): Partial<Text> {
  const [first = "", ...others] = text.split("<br>");
  if (HAN.test(first) && others.length === 1 && !HAN.test(masked(others[0] ?? "")))
    return { zh: first, en: others[0] ?? "" };
  const visible = masked(text);
  const last = visible.search(/[\p{Script=Han}。；：！？，、）」”](?=[^\p{Script=Han}。；：！？，、）」”]*$)/u);
  if (last < 0 || !HAN.test(visible)) return WORD.test(visible) ? { en: text } : both(text);
  const border = borderAfter(visible, last + 1);
  const [zh, en] = [text.slice(0, border).trimEnd(), text.slice(border).replace(/^\\?\s+/, "")];
  return border < 0 || !WORD.test(masked(en)) ? { zh: text } : { zh, en };
}

/** The border behind the last Chinese character: at once behind a full stop, or else where a line or a word ends. */
function borderAfter(visible: string, end: number): number {
  if (/[。；：！？]/.test(visible[end - 1] ?? "")) return end;
  const line = visible.indexOf("\n", end);
  const isShort = (visible.slice(end, line).match(/[A-Za-z]{2,}/g) ?? []).length < 3;
  if (line >= 0 && isShort) return line;
  const blank = visible.slice(end).search(/\s/);
  return blank < 0 ? -1 : end + blank;
}
