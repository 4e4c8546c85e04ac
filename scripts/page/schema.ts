// A schema as a list of its fields.
import { atLeastOneOf } from "../../spec/choices.js";
import { isSensitive, OPEN_ENUM } from "../../spec/keys.js";
import type { Json, Resolve } from "../../spec/refs.js";
import { code, escaped, inline, markdown, prose, type Routes } from "./html.js";
import { both, say, type Text } from "./languages.js";
import { choice, WORDS } from "./words.js";

/** What is needed to write about a document. */
export interface Document {
  resolve: Resolve;
  routes: Routes;
  /** The addresses of what several operations share, by what a `$ref` says. */
  shared: ReadonlyMap<string, { name: string; link: string }>;
}

/** A field, a parameter or a header: its name, and what it says of itself. */
interface Named {
  name: string | Text;
  schema: unknown;
  required?: unknown;
  deprecated?: unknown;
  description?: unknown;
  example?: unknown;
}

/** A schema without `$ref` and `allOf`, for what is beside them and in them is said of the same value. */
function whole(schema: unknown, resolve: Resolve): Json {
  const { $ref, ...beside } = Object(schema) as Json;
  const node = $ref === undefined ? beside : { ...resolve(schema), ...beside };
  const parts = ((node.allOf ?? []) as unknown[]).map((part) => whole(part, resolve));
  const all = [...parts, node];
  const properties = Object.assign({}, ...all.map((part) => part.properties));
  const required = [...new Set(all.flatMap((part) => (part.required ?? []) as string[]))];
  return Object.assign({}, ...all, Object.keys(properties).length > 0 && { properties }, { required });
}

/** What stands below the name of a value: its fields, those of its items, and what it is one of. */
export function fieldsOf(schema: unknown, document: Document, above: readonly Json[] = []): string {
  const target = document.resolve(schema);
  if (above.includes(target)) return `<p class="again">↑ ${inline(WORDS.recursive)}</p>`;
  const node = whole(schema, document.resolve);
  const trail = [...above, target];
  const inner = (part: unknown) => fieldsOf(part, document, trail);
  const required = node.required as string[];
  const fields = Object.entries((node.properties ?? {}) as Json).map(([name, property]) =>
    row({ name, schema: property, required: required.includes(name) }, document, trail),
  );
  const maps = [node.additionalProperties, ...Object.values((node.patternProperties ?? {}) as Json)];
  for (const part of maps)
    if (typeof part === "object") fields.push(row({ name: WORDS.anyName, schema: part }, document, trail));
  return [
    fields.length > 0 ? `<ul class="fields">${fields.join("")}</ul>` : "",
    node.items === undefined ? "" : inner(node.items),
    ...(["oneOf", "anyOf"] as const).map((keyword) => choices(node, keyword, inner, document)),
  ].join("");
}

function choices(
  node: Json,
  keyword: "oneOf" | "anyOf",
  inner: (part: unknown) => string,
  { resolve, routes }: Document,
): string {
  const parts = (node[keyword] ?? []) as unknown[];
  if (parts.length === 0 || (keyword === "anyOf" && atLeastOneOf(node))) return "";
  const items = parts.map((part) => {
    const { title, description } = resolve(part);
    return `<li>${title ? escaped(String(title)) : ""} <small>${typeOf(part, resolve)}</small>${prose(description, routes)}${inner(part)}</li>`;
  });
  return `<p>${inline(WORDS[keyword])}</p><ol class="choices">${items.join("")}</ol>`;
}

/** Parameters or headers. */
export function rows(all: Json[], document: Document): string {
  const items = all.map(({ name, schema = {}, required, deprecated, description, example }) =>
    row({ name: String(name), schema, required, deprecated, description, example }, document),
  );
  return items.length > 0 ? `<ul class="fields">${items.join("")}</ul>` : "";
}

/** A field and all that is said of it. */
function row(
  { name, schema, required, deprecated, description, example }: Named,
  document: Document,
  above: readonly Json[] = [],
): string {
  const { resolve, routes } = document;
  const node = whole(schema, resolve);
  const marks = [
    required === true && `<b class="required">${inline(WORDS.required)}</b>`,
    (deprecated ?? node.deprecated) === true && `<b class="deprecated">${inline(WORDS.deprecated)}</b>`,
  ].filter(Boolean);
  const facts = [typeOf(schema, resolve), ...limitsOf(node)].filter(Boolean).join(" · ");
  const [said = "", ...folded] = String(description ?? node.description ?? "").split(/^(?=<details>)/m);
  return [
    `<li><div class="field">${typeof name === "string" ? `<code class="name">${escaped(name)}</code>` : `<i>${inline(name)}</i>`}`,
    ` <small>${facts}</small> ${marks.join(" ")}</div>`,
    prose(said, routes),
    isSensitive(node) ? markdown(WORDS.sensitive, routes) : "",
    choiceOf(node, routes),
    valuesOf(node),
    exampleOf(example, schema, node),
    fieldsOf(schema, document, above),
    prose(folded.join(""), routes),
    "</li>",
  ].join("");
}

/** "At least one of these fields", in words. */
export function choiceOf(schema: Json, routes: Routes): string {
  const fields = atLeastOneOf(schema);
  return fields ? markdown(choice(fields), routes) : "";
}

function valuesOf({ enum: values, items, [OPEN_ENUM]: known, const: only }: Json): string {
  const closed = values ?? Object(items).enum ?? (only === undefined ? undefined : [only]);
  const all = Array.isArray(known) ? known : closed;
  if (!Array.isArray(all)) return "";
  const label = Array.isArray(known) ? WORDS.open : say`${WORDS.values}${{ zh: "：", en: ":" }}`;
  return `<p class="values">${inline(label)} ${all.map(code).join(" ")}</p>`;
}

function exampleOf(given: unknown, schema: unknown, node: Json): string {
  const example = given ?? Object(schema).example ?? node.example ?? Object(node.examples)[0];
  // What has fields shows each one's.
  if (example === undefined || (typeof example === "object" && example !== null)) return "";
  return `<p class="values">${inline(say`${WORDS.example}${{ zh: "：", en: ":" }}`)} ${code(example)}</p>`;
}

/** Such as `string`, `integer (int64)[]`. */
function typeOf(schema: unknown, resolve: Resolve, depth = 0): string {
  const { type, items, format, nullable, properties } = whole(schema, resolve);
  // A list may be one of lists of its own kind.
  if (type === "array" && items !== undefined && depth < 3) return `${typeOf(items, resolve, depth + 1)}[]`;
  const types = [type ?? (properties ? "object" : [])].flat().concat(nullable === true ? "null" : []);
  return escaped(types.join(" | ") + (format ? ` (${format})` : ""));
}

const UNITS = {
  Length: { zh: " 个字符", en: " characters" },
  Items: { zh: " 项", en: " items" },
  Properties: { zh: " 个字段", en: " fields" },
} satisfies Record<string, Text>;

function limitsOf(node: Json): string[] {
  const said = Object.entries(UNITS).flatMap(([what, unit]) => {
    const range = between(node[`min${what}`], node[`max${what}`]);
    return range === "" ? [] : [inline(say`${range}${unit}`)];
  });
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, pattern, default: usual } = node;
  const numbers = [
    between(minimum, maximum),
    exclusiveMinimum !== undefined && `> ${exclusiveMinimum}`,
    exclusiveMaximum !== undefined && `< ${exclusiveMaximum}`,
    multipleOf !== undefined && `× ${multipleOf}`,
  ].filter((each) => typeof each === "string" && each !== "");
  return [
    ...said,
    ...numbers.map((each) => inline(both(String(each)))),
    ...(typeof pattern === "string" ? [code(pattern)] : []),
    ...(usual === undefined ? [] : [`${inline(WORDS.default)} ${code(usual)}`]),
  ];
}

function between(least: unknown, most: unknown): string {
  if (most === undefined) return least === undefined || least === 0 ? "" : `≥ ${least}`;
  if (least === undefined || least === 0) return `≤ ${most}`;
  return least === most ? String(least) : `${least}–${most}`;
}
