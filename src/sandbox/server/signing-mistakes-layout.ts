import { SCHEME } from "../../wire/sign.js";
import type { Reason } from "../reasons/words.js";
import { parseAuthorization } from "./authorization.js";
import { closed, type SigningMistake, UNSET } from "./signing-mistake.js";

type Layout = (lines: string[]) => string;

const LF = {
  zh: "每一行以一个换行符 \\n（0x0A）结尾，没有缩进和多余的空行。",
  en: "End each with \\n (0x0A), without indentation or further lines.",
};
const CLOSED = '+ lines.map((line) => line + "\\n").join("")';

/** Lines that do not end with one line feed each. */
const ends = (zh: string, en: string, fix: string, layouts: Layout[]): SigningMistake<"layout"> => ({
  part: "layout",
  what: { zh, en },
  advice: LF,
  fix: `${fix}\n${CLOSED}`,
  change: () => layouts,
});

const joined = (mark: string) => (lines: string[]) => lines.join(mark);
const ended = (end: string): Layout[] => [(lines) => lines.map((line) => line + end).join(""), joined(end)];

const FIVE = {
  zh: "应依次为请求方法、URL、时间戳、随机串、请求体。",
  en: "They are method, URL, timestamp, nonce and body, in that order.",
};

/** Other lines than the five. */
const lines = (zh: string, en: string, layouts: Layout[]): SigningMistake<"layout"> => ({
  part: "layout",
  what: { zh, en },
  advice: FIVE,
  fix: "+ [method, url, timestamp, nonce, body]",
  alone: () => layouts,
});

const NAMES: Reason[] = [
  { zh: "请求方法", en: "method" },
  { zh: "URL", en: "URL" },
  { zh: "时间戳", en: "timestamp" },
  { zh: "随机串", en: "nonce" },
  { zh: "请求体", en: "body" },
];
const PLACES = [0, 1, 2, 3, 4];

/** Mistakes in how lines are joined, and in which there are. */
export const LAYOUT_MISTAKES: SigningMistake<"layout">[] = [
  {
    part: "layout",
    what: { zh: "签名串最后缺少换行符", en: "the last line feed is missing" },
    advice: {
      zh: "包括最后一行在内，每一行都以换行符结尾，即使请求体为空。",
      en: "Every line ends with one, even where the body is empty.",
    },
    fix: '- lines.join("\\n")\n+ lines.join("\\n") + "\\n"',
    change: () => [joined("\n"), (lines) => closed(lines).trimEnd()],
  },
  ends(
    "签名串每行以 \\r\\n（CRLF）结尾，应为一个 \\n",
    "the lines end with CRLF, not with one line feed each",
    '- lines.join("\\r\\n")',
    ended("\r\n"),
  ),
  ends(
    "签名串的换行符写成了反斜杠和 n 两个字符",
    "each line feed was signed as two characters, a backslash and an n",
    "- lines.join('\\\\n')",
    ended("\\n"),
  ),
  ends("签名串的各行之间没有换行符", "the lines have no line feeds between them", '- lines.join("")', ended("")),
  ends("签名串末尾多了一个换行符", "there is a line feed too many at the end", '- lines.join("\\n") + "\\n\\n"', [
    (lines) => `${closed(lines)}\n`,
  ]),
  ends("签名串开头多了一个换行符", "there is a line feed too many at the start", '- "\\n" + lines.join("\\n")', [
    (lines) => `\n${closed(lines)}`,
  ]),
  ...Object.entries({ " ": "空格", ",": "逗号", "&": " & ", "|": " | ", "\r": " \\r " }).map(([mark, zh]) =>
    ends(
      `签名串的各行用${zh}连接，应为换行符`,
      `the lines are joined by ${JSON.stringify(mark)}, not by line feeds`,
      `- lines.join(${JSON.stringify(mark)})`,
      [joined(mark)],
    ),
  ),
  {
    part: "layout",
    what: { zh: "签名串的行首有缩进", en: "the lines are indented" },
    advice: LF,
    fix: CLOSED,
    alone: () =>
      [1, 2, 3, 4, 6, 8].map((width) => (lines) => closed(lines).replace(/\n(?=.)/g, `\n${" ".repeat(width)}`)),
  },
  {
    ...lines("签名的是验证应答用的三行：时间戳、随机串、请求体", "the three lines of a response were signed", []),
    change: () => [(lines) => closed(lines.slice(2))],
  },
  ...[4, 1].map((at) =>
    lines(`只签名了${NAMES[at]?.zh}`, `the ${NAMES[at]?.en} alone was signed`, [
      (lines) => lines[at] as string,
      (lines) => `${lines[at]}\n`,
    ]),
  ),
  ...PLACES.flatMap((one) =>
    PLACES.slice(one + 1).map((other) => {
      const order = PLACES.with(one, other).with(other, one);
      const [a, b] = [NAMES[one], NAMES[other]];
      return lines(`签名串中的${a?.zh}和${b?.zh}互换了位置`, `the lines of ${a?.en} and ${b?.en} are swapped`, [
        arranged(order),
      ]);
    }),
  ),
  lines("签名串各行的顺序不对", "the five lines are in another order", orders(PLACES).map(arranged)),
  ...PLACES.map((at) =>
    lines(`签名串缺少${NAMES[at]?.zh}这一行`, `the line of the ${NAMES[at]?.en} is missing`, [
      (lines) => closed(lines.toSpliced(at, 1)),
    ]),
  ),
  ...PLACES.flatMap((at) =>
    UNSET.map((value) => {
      const was = value === "" ? { zh: "为空", en: "empty" } : { zh: `签的是 ${value}`, en: `signed as ${value}` };
      return lines(`签名串中的${NAMES[at]?.zh}${was.zh}`, `the ${NAMES[at]?.en} was ${was.en}`, [
        (lines) => closed(lines.with(at, value)),
      ]);
    }),
  ),
  ...(["mchid", "serial_no", "scheme"] as const).map(
    (name): SigningMistake<"layout"> => ({
      ...lines(
        `签名串多了一行 ${name === "scheme" ? "方案名" : name}`,
        `${name === "scheme" ? "the scheme" : name} was signed as a further line`,
        [],
      ),
      *alone(_, { headers }) {
        const { mchid = "", serialNo = "" } = parseAuthorization(headers.get("Authorization") ?? "") ?? {};
        const line = { mchid, serial_no: serialNo, scheme: SCHEME }[name];
        for (const at of [...PLACES, 5]) yield (lines) => closed(lines.toSpliced(at, 0, line));
      },
    }),
  ),
];

function arranged(order: number[]): Layout {
  return (lines) => closed(order.map((at) => lines[at] as string));
}

/** Every order of the numbers. */
function orders(numbers: number[]): number[][] {
  if (numbers.length < 2) return [numbers];
  return numbers.flatMap((first, at) => orders(numbers.toSpliced(at, 1)).map((others) => [first, ...others]));
}
