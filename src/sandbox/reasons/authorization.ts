import { fromBase64 } from "../../bytes.js";
import { SCHEME } from "../../wire/sign.js";
import { listed, listedZh, nearest, type Reason, shown, type Why } from "./words.js";

const NAMES = ["mchid", "nonce_str", "timestamp", "serial_no", "signature"] as const;
/** Names that others have for the values, and that are unlike ours. */
const OTHER_NAMES: Record<string, string> = {
  nonce: "nonce_str",
  serial: "serial_no",
  sign: "signature",
  time: "timestamp",
};

const RIGHT = `${SCHEME} ${NAMES.map((name) => `${name}="…"`).join(",")}`;
const FORM = `+ Authorization: ${RIGHT}`;

/** What may be named of a scheme: of another word, nobody knows whether it is a secret. */
const SCHEMES = /^(basic|bearer|digest|hmac[\w-]*|mac|oauth|token|wechatpay[\w-]*)$/i;

/** What exactly is wrong with an `Authorization` header's value. It is never repeated: it may hold a secret. */
export function explainAuthorization(header: string): Why {
  if (header.trim() === "") {
    return { reason: { zh: "缺少请求头 Authorization。", en: "The header Authorization is missing." }, fix: FORM };
  }
  const found = ofScheme(header) ?? ofValues(header.slice(SCHEME.length + 1));
  if (found !== undefined) return found;
  const zh = `Authorization 的格式不对，应为 ${RIGHT}。`;
  return { reason: { zh, en: `Authorization is not of the form ${RIGHT}.` }, fix: FORM };
}

function ofScheme(header: string): Why | undefined {
  const scheme = /^[^\s=,]*/.exec(header)?.[0] ?? "";
  const why = (zh: string, en: string, fix = `- Authorization: …\n${FORM}`): Why => {
    return { reason: { zh: `Authorization ${zh}。`, en: `Authorization ${en}.` }, fix };
  };
  if (header.split(SCHEME).length > 2) {
    return why("请求头发送了两次，或方案名写了两次", "was sent twice, or names its scheme twice");
  }
  if (/^authorization:/i.test(header)) {
    return why(
      "的值以请求头的名字开头，应去掉",
      "begins with its own name: leave that out",
      `- Authorization: Authorization: …\n${FORM}`,
    );
  }
  if (header.startsWith(`${SCHEME} `)) return undefined;
  if (scheme === SCHEME) {
    if (header === SCHEME)
      return why(`只有方案名 ${SCHEME}，缺少五个值`, `has the scheme ${SCHEME} alone: its five values are missing`);
    return why(`的方案名 ${SCHEME} 之后应为一个空格`, `must have one blank after the scheme ${SCHEME}`);
  }
  if (scheme.toUpperCase() === SCHEME) {
    return why(
      `的方案名应大写：${SCHEME}`,
      `must have its scheme in upper case: ${SCHEME}`,
      `- ${scheme}\n+ ${SCHEME}`,
    );
  }
  if (/(mchid|nonce_str|signature|timestamp|serial_no)=/.test(header) && !SCHEMES.test(scheme)) {
    return why(`没有以方案名 ${SCHEME} 开头`, `does not begin with the scheme ${SCHEME}`, FORM);
  }
  const isNamed = SCHEMES.test(scheme);
  const fix = `- Authorization: ${isNamed ? `${shown(scheme, 40)} ` : ""}…\n${FORM}`;
  if (!isNamed) return why(`的方案名不对，应为 ${SCHEME}`, `has another scheme; it must be ${SCHEME}`, fix);
  return why(
    `的方案名是 ${shown(scheme, 40)}，应为 ${SCHEME}`,
    `has the scheme ${shown(scheme, 40)}; it must be ${SCHEME}`,
    fix,
  );
}

/** What is wrong with the values, which stand after the scheme and a blank. */
function ofValues(values: string): Why | undefined {
  const why = (reason: Reason, fix = FORM): Why => ({ reason, fix });
  if (/^\s/.test(values)) {
    return why({
      zh: `方案名 ${SCHEME} 之后应只有一个空格。`,
      en: `There must be one blank after the scheme ${SCHEME}, not more.`,
    });
  }
  const seen = new Set<string>();
  const pairs = values.split(",");
  for (const [index, pair] of pairs.entries()) {
    const name = /^\s*([^\s=]*)/.exec(pair)?.[1] ?? "";
    const reason = ofPair(pair, name, index) ?? (seen.has(name) ? twice(name) : undefined);
    if (reason !== undefined) return why(reason, fixOf(pair, name));
    seen.add(name);
  }
  const missing = NAMES.filter((name) => !seen.has(name));
  if (missing.length === 0) return undefined;
  const [zh, en] = [listedZh(missing), listed(missing, " and ")];
  return why(
    { zh: `Authorization 缺少 ${zh}。`, en: `Authorization has no ${en}.` },
    `+ ${missing.map((name) => `${name}="…"`).join(",")}`,
  );
}

const twice = (name: string): Reason => ({
  zh: `Authorization 中有两个 ${name}。`,
  en: `Authorization has ${name} twice.`,
});

/** White space at the ends of a pair and beside its `=`. A pattern of all four would take seconds over thousands of blanks. */
function spaceOf(pair: string): string {
  const [name = "", ...rest] = pair.split("=");
  const value = rest.join("=");
  const ends = [name, value].map(
    (part) => part.slice(0, part.length - part.trimStart().length) + part.slice(part.trimEnd().length),
  );
  return ends.join("");
}

function ofPair(pair: string, name: string, index: number): Reason | undefined {
  const blank = ofBlank(pair, name);
  if (blank !== undefined) return blank;
  if (pair.trim() === "") return { zh: "Authorization 中多了一个逗号。", en: "Authorization has a comma too many." };
  const space = spaceOf(pair);
  if (space !== "") {
    const [zh, en] = /[\r\n]/.test(space)
      ? ["换行符", "line feed"]
      : /\t/.test(space)
        ? ["制表符", "tab"]
        : ["空格", "blank"];
    const isAfterComma = /^\s/.test(pair) && index > 0;
    return {
      zh: `Authorization 中${isAfterComma ? "逗号之后" : "五个值之间"}有${zh}，应去掉。`,
      en: `Authorization has a ${en} ${isAfterComma ? "after a comma" : "between its values"}: leave it out.`,
    };
  }
  const known = NAMES.find((each) => each === name);
  if (known === undefined) return unknownName(pair, name);
  const value = pair.slice(name.length + 1);
  if (value === '""') return { zh: `Authorization 中的 ${name} 为空。`, en: `${name} in Authorization is empty.` };
  if (/^"[^"]*"$/.test(value)) return undefined;
  if (/^'.*'$/.test(value)) {
    return {
      zh: `Authorization 中的 ${name} 用了单引号，应为双引号。`,
      en: `${name} in Authorization has single quotes: use double ones.`,
    };
  }
  return {
    zh: `Authorization 中 ${name} 的值应放在双引号里。`,
    en: `${name} in Authorization must stand in double quotes.`,
  };
}

/** White space in a value. */
function ofBlank(pair: string, name: string): Reason | undefined {
  const [, value] = /^[a-z_]+="([^"]*\s[^"]*)"$/.exec(pair) ?? [];
  if (value === undefined || !NAMES.some((each) => each === name)) return undefined;
  if (name === "signature" && fromBase64(value.replaceAll(" ", "+")) !== undefined) {
    return {
      zh: "Authorization 中 signature 的 + 变成了空格。",
      en: "The + of the signature in Authorization became blanks.",
    };
  }
  return {
    zh: `Authorization 中 ${name} 的值里有空白字符，应去掉。`,
    en: `${name} in Authorization has white space in it: leave it out.`,
  };
}

function unknownName(pair: string, name: string): Reason {
  if (!pair.includes("=") || !/^[\w-]{1,40}$/.test(name)) {
    return {
      zh: 'Authorization 中有一项不是 name="value" 的形式。',
      en: 'Authorization has a part that is not name="value".',
    };
  }
  const meant = OTHER_NAMES[name] ?? nearest(name, NAMES);
  return {
    zh: `Authorization 中没有 ${name} 这个名字${meant ? `，应为 ${meant}` : `，只有 ${listedZh(NAMES)}`}。`,
    en: `${name} is no value of Authorization${meant ? `: it is called ${meant}` : `; they are ${listed(NAMES, " and ")}`}.`,
  };
}

function fixOf(pair: string, name: string): string | undefined {
  if (ofBlank(pair, name))
    return name === "signature" ? "- decodeURIComponent(signature)\n+ signature" : `+ ${name}="…"`;
  if (/\s/.test(pair)) return '- values.join(", ")\n+ values.join(",")';
  if (!/^[\w-]{1,40}$/.test(name)) return FORM;
  if (NAMES.some((each) => each === name)) return `+ ${name}="…"`;
  const meant = OTHER_NAMES[name] ?? nearest(name, NAMES);
  return meant ? `- ${name}="…"\n+ ${meant}="…"` : FORM;
}
