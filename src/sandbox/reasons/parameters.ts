import type { ErrorObject } from "ajv/dist/2020.js";
import { counted, listed, listedZh, nearest, type Reason, shown } from "./words.js";

/**
 * How values come: JSON; texts, which are converted; or the parts of an upload, whose file has its bytes as characters.
 */
export type Form = "json" | "text" | "upload";

/** Where a value stands, by its JSON pointer: what begins a sentence about it. */
export function placeOf(pointer: string, location: "url" | "query" | "body"): Reason {
  const name = shown(location === "body" ? pointer : pointer.slice(1), 120);
  if (location === "query") return { zh: `查询参数 ${name} `, en: `${name} in the query` };
  if (location === "url") return { zh: `路径参数 ${name} `, en: `${name} in the path` };
  return name === "" ? { zh: "请求体", en: "The body" } : { zh: `${name} `, en: name };
}

/** What a schema refuses, in words that follow the name of the value: the limit beside what was sent, never the value, which may be personal. */
export function explainViolation(errors: readonly ErrorObject[], form: Form): Reason {
  const [first] = errors;
  if (first === undefined) return { zh: "不符合接口描述", en: "is not as described" };
  const { keyword, params, data } = first;
  if (keyword === "required") return ofRequired(errors, first);
  if (keyword === "additionalProperties") return ofUnknown(first);
  if (keyword === "enum") return ofEnum(params.allowedValues, data);
  if (keyword === "const") return ofEnum([params.allowedValue], data);
  if (keyword === "pattern") return ofPattern(params.pattern, String(data));
  if (keyword === "type") return ofType([params.type].flat(), data, form);
  const sized = ofSize(first, form === "upload" && first.instancePath === "/file");
  if (sized !== undefined) return sized;
  const number = LIMITS[keyword]?.(params.limit ?? params.multipleOf);
  return number ?? { zh: `不符合接口描述的 ${keyword}`, en: String(first.message).replace("NOT", "not") };
}

const LIMITS: Record<string, (limit: unknown) => Reason> = {
  minimum: (limit) => ({ zh: `不能小于 ${limit}`, en: `must be ${limit} or more` }),
  maximum: (limit) => ({ zh: `不能大于 ${limit}`, en: `must be ${limit} or less` }),
  exclusiveMinimum: (limit) => ({ zh: `应大于 ${limit}`, en: `must be more than ${limit}` }),
  exclusiveMaximum: (limit) => ({ zh: `应小于 ${limit}`, en: `must be less than ${limit}` }),
  multipleOf: (limit) => ({ zh: `应为 ${limit} 的倍数`, en: `must be a multiple of ${limit}` }),
  uniqueItems: () => ({ zh: "不能有重复的元素", en: "must not have an item twice" }),
};

/** The most names of a body that are looked at for the one that was meant. */
const MOST_NAMES = 200;

function ofRequired(errors: readonly ErrorObject[], { data, params, parentSchema }: ErrorObject): Reason {
  const missing = errors.flatMap((error) => (error.keyword === "required" ? [error.params.missingProperty] : []));
  if (errors.at(-1)?.keyword === "anyOf" && missing.length > 1) {
    return {
      zh: `和 ${listedZh(missing.slice(1))} 至少要有一个`,
      en: `is required, or ${listed(missing.slice(1), " or ")}`,
    };
  }
  const known = [...new Set([...Object.keys(parentSchema?.properties ?? {}), ...missing])];
  const others = Object.keys(Object(data))
    .slice(0, MOST_NAMES)
    .filter((name) => !known.includes(name));
  const name = String(params.missingProperty);
  const meant = others.find((other) => nearest(other, known) === name);
  if (meant === undefined) return { zh: "是必填的", en: "is required" };
  return {
    zh: `是必填的，你发送的是 ${shown(meant)}：应写作 ${name}`,
    en: `is required; you sent ${shown(meant)}: it is written ${name}`,
  };
}

function ofUnknown({ params, parentSchema }: ErrorObject): Reason {
  const meant = nearest(String(params.additionalProperty), Object.keys(parentSchema?.properties ?? {}));
  if (meant === undefined) return { zh: "不在接口描述中", en: "is not known" };
  return { zh: `不在接口描述中，是否应为 ${meant}`, en: `is not known: did you mean ${meant}?` };
}

/** The most values that a sentence names. */
const MOST_VALUES = 12;

function ofEnum(allowed: readonly unknown[], data: unknown): Reason {
  const texts = allowed.map(String);
  const meant = typeof data === "string" && texts.length > 1 ? nearest(data, texts) : undefined;
  const named = texts.length > MOST_VALUES ? [...texts.slice(0, MOST_VALUES), "…"] : texts;
  const [zh, en] = texts.length === 1 ? ["", ""] : [" 之一", "one of "];
  return {
    zh: `应为 ${listedZh(named)}${zh}${meant ? `，是否应为 ${meant}` : ""}`,
    en: `must be ${en}${named.join(", ")}${meant ? `: did you mean ${meant}?` : ""}`,
  };
}

const TYPES: Record<string, Reason> = {
  string: { zh: "字符串", en: "a string" },
  number: { zh: "数字", en: "a number" },
  integer: { zh: "整数", en: "an integer" },
  boolean: { zh: "布尔值", en: "a boolean" },
  array: { zh: "数组", en: "an array" },
  object: { zh: "对象", en: "an object" },
  null: { zh: " null", en: "null" },
};

function ofType(wanted: readonly string[], data: unknown, form: Form): Reason {
  const names = wanted.map((type) => TYPES[type] ?? { zh: type, en: type });
  const must = {
    zh: `应为${names.map(({ zh }) => zh).join("或")}`,
    en: `must be ${names.map(({ en }) => en).join(" or ")}`,
  };
  // Parameters are always texts.
  if (form === "text" && typeof data === "string") return must;
  const kind = data === null ? "null" : Array.isArray(data) ? "array" : typeof data;
  const sent = kind === "number" && wanted.includes("integer") ? FRACTION : TYPES[kind];
  return sent ? { zh: `${must.zh}，你发送的是${sent.zh}`, en: `${must.en}; you sent ${sent.en}` } : must;
}
const FRACTION: Reason = { zh: "小数", en: "a fraction" };

/** Limits of a size, beside the size that was sent. */
function ofSize({ keyword, params: { limit }, data }: ErrorObject, isFile: boolean): Reason | undefined {
  const [, bound, what] = /^(max|min)(Length|Items|Properties)$/.exec(keyword) ?? [];
  if (bound === undefined || what === undefined) return undefined;
  const sent =
    what === "Length" ? (isFile ? String(data).length : [...String(data)].length) : Object.keys(Object(data)).length;
  if (bound === "min" && sent === 0 && limit === 1) return { zh: "不能为空", en: "must not be empty" };
  const unit = isFile ? BYTES : (SIZES[what] as Reason);
  return {
    zh: `不能${bound === "max" ? "多于" : "少于"} ${counted(limit)} ${unit.zh}，你发送了 ${counted(sent)} ${unit.zh.split(/(?<=个)/)[0]}`,
    en: `must not have ${bound === "max" ? "more" : "fewer"} than ${counted(limit)} ${unit.en}; you sent ${counted(sent)}`,
  };
}
const BYTES: Reason = { zh: "字节", en: "bytes" };
const SIZES: Record<string, Reason> = {
  Length: { zh: "个字符", en: "characters" },
  Items: { zh: "个元素", en: "items" },
  Properties: { zh: "个字段", en: "properties" },
};

/** A pattern in words, where it is simple: characters of some kinds, so many of them. */
function ofPattern(pattern: string, sent: string): Reason {
  if (pattern === "^\\d{4}-\\d{2}-\\d{2}$") {
    return { zh: "应为 yyyy-MM-dd 格式的日期，例如 2026-01-31", en: "must be a day as yyyy-MM-dd, such as 2026-01-31" };
  }
  const [, set, from = "1", to] = /^\^\[([^\]\\^]+)\](?:\+|\{(\d+),(\d+)\})\$$/.exec(pattern) ?? [];
  if (set === undefined) return { zh: `应符合正则表达式 ${pattern}`, en: `must match ${pattern}` };
  const kinds = kindsOf(set);
  const characters = [...sent];
  const wrong = characters.findIndex((character) => !new RegExp(`[${set}]`, "u").test(character));
  const size = characters.length.toLocaleString("en-US");
  const range =
    to === undefined
      ? { zh: "只能是", en: "must have nothing but" }
      : { zh: `应为 ${from} 到 ${to} 个`, en: `must be ${from} to ${to}` };
  return {
    zh: `${range.zh}${kinds.zh}，你发送了 ${size} 个字符${wrong < 0 ? "" : `，第 ${wrong + 1} 个不符`}`,
    en: `${range.en} ${kinds.en}; you sent ${size} characters${wrong < 0 ? "" : `, of which number ${wrong + 1} is not allowed`}`,
  };
}

/** The characters between the brackets of a pattern. */
function kindsOf(set: string): Reason {
  const rest = set.replace("0-9", "").replace(/A-Za-z|a-zA-Z/, "");
  const marks = rest === "" ? undefined : [...rest].join(" ");
  const zh = [set !== rest && /A-Z/.test(set) ? "字母" : [], set.includes("0-9") ? "数字" : [], marks ?? []].flat();
  const en = [
    set !== rest && /A-Z/.test(set) ? "letters" : [],
    set.includes("0-9") ? "digits" : [],
    marks ?? [],
  ].flat();
  return { zh: listed(zh, "或", "、"), en: listed(en, " or ") };
}
