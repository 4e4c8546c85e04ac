import { fromBase64 } from "../bytes.js";
import { isRecord, isText, requireOption } from "../checks.js";
import { valueAt } from "../json-pointer.js";
import { type Seal, sensitivePlaces } from "./encrypt.js";
import { readBody } from "./init.js";
import { pairsOf, shapeOf } from "./url.js";

/** What the client must know about an operation and only the spec can say: its `x-wechatpay-` keys. */
export interface Operation {
  /** The spec's operationId; errors name it. */
  readonly operationId: string;
  /** `unsigned` where a 2xx response carries no signature, such as a file's download (`x-wechatpay-response`). */
  readonly response?: "unsigned";
  /**
   * JSON pointer of the merchant's own number in the body, such as `/out_batch_no`: a call that failed is repeated under the same number.
   * Without it, a write never is (`x-wechatpay-idempotent`).
   */
  readonly idempotent?: string;
  /**
   * Fields that are encrypted on the wire, and plain text for the caller (`x-wechatpay-sensitive`): JSON pointers into the JSON bodies
   * of the request and of 2xx responses, and names of parameters of the query. A `*` in a pointer is every item of a list and every
   * property of a map, such as `/names/*`.
   */
  readonly sensitive?: {
    readonly request?: readonly string[];
    readonly response?: readonly string[];
    readonly query?: readonly string[];
  };
  /** `upload(…)`, where the body is `multipart/form-data`: reads what a call gives, and makes the bytes of it. */
  readonly body?: (body: unknown) => Seal;
}

/** What is known of a call. An upload's body is a {@link Seal}. */
type Found = Partial<Omit<Operation, "body">> & { readonly name: string; readonly body: unknown };

/** The operations of a spec by method and path, e.g. `"POST /v3/payroll-card/authentications/pre-order"`. */
export type Operations = Readonly<Record<string, Operation>>;

/** The methods of operations that the client calls. */
export const METHODS = ["GET", "PUT", "POST", "PATCH", "DELETE"] as const;

const NAME = new RegExp(`^(${METHODS.join("|")}) /\\S*$`);

/** The table of the option `operations`. What it does not say is not encrypted, so it must say what it means. */
export function readOperations(given: Operations | readonly Operations[]) {
  const tables = [given].flat();
  const rows = tables.flatMap((table) => Object.entries(Object(table) as Operations));
  const table = new Map(rows);
  const fits = tables.length > 0 && tables.every(isRecord) && table.size === rows.length;
  requireOption("operations", fits, "a table, or a list of its operations, each once", given);
  for (const [name, row] of rows) {
    requireOption("a key of operations", NAME.test(name), "a method and a path, as POST /v3/x", name);
    const key = `operations[${JSON.stringify(name)}]`;
    requireOption(key, isRow(row) && "operationId" in row, "what the generator writes", row);
  }

  const names = [...table.keys()];
  const encryptedIn = (place: "request" | "query") => [
    ...new Set(rows.flatMap(([, { sensitive }]) => sensitive?.[place] ?? [])),
  ];
  const encrypted = { request: encryptedIn("request"), query: encryptedIn("query") };
  let rowOf: ReturnType<typeof formsOf> | undefined;

  /** The row of a call that is not written as a row has it. How a server reads such a path is unknown, so plain text must not go there. */
  function findFilled(method: string, path: string, target: string, body: unknown): string | undefined {
    rowOf ??= formsOf(names);
    const name = rowOf(`${method} ${target}`);
    // A row with only an operationId changes nothing, so such a path may pass.
    const isMarked = Object.keys((name && table.get(name)) || {}).length > 1;
    if (isMarked) throw new TypeError(`This call is written ${name}, with its parameters in params.path.`);
    // Some servers decode a path before they look for its query, or take ";" for "&".
    const pairs = pairsOf(target.replace(/\?|;|%3f|%3b|%26/gi, "&").replace("&", "?"));
    const plain = sensitivePlaces(body, pairs, encrypted).find(({ parent, name }) => !isCiphertext(parent[name]));
    if (!plain && (name || !Array.isArray(given))) return name;
    const why = plain ? `, so ${plain.pointer} would not be encrypted: write it as there, or add it.` : ": add it.";
    throw new TypeError(explainUnknown(names, method, path) + why);
  }

  return {
    names,
    /** The operationId of a row. */
    idOf: (name: string) => table.get(name)?.operationId,
    /** What is known of a call, what errors name it, and its body, read. Throws where the table cannot say what has to be encrypted. */
    find(method: string, path: string, target: string, given: unknown): Found {
      const call = `${method} ${path.split("?", 1)[0]}`;
      // No prototype, so that a polluted Object.prototype cannot mark a response as unsigned.
      const row: Partial<Operation> = Object.assign(Object.create(null), table.get(call));
      const body = (row.body ?? readBody)(given);
      const name = table.has(call) ? call : findFilled(method, path, target, body);
      return Object.assign(row, name && table.get(name), { name: name ?? `${method} ${shapeOf(path)}`, body });
    },
  };
}

/** Finds the row of a call whose parameters are filled in: segments that no row writes out stand for a parameter. */
function formsOf(names: string[]) {
  const literals = new Set(names.flatMap((name) => name.split("/")).filter((part) => !part.includes("{")));
  const form = (call: string) =>
    call.replace(/\?.*/s, "").replace(/[^/]+/g, (part) => (literals.has(part) ? part : "…"));
  const rows = new Map(names.map((name) => [form(name), name]));
  return (call: string): string | undefined => rows.get(form(call));
}

/** Whether a value is encrypted already: no plain text that can be encrypted is as long. */
const isCiphertext = (value: unknown) => typeof value === "string" && (fromBase64(value)?.length ?? 0) >= 256;

/** That no row is for a call, and which one is most like it: half of its groups of three letters are the same. */
export function explainUnknown(names: readonly string[], method: string, path: string): string {
  const groupsOf = (text: string) => new Set(Array.from(text, (_, i) => text.slice(i, i + 3)));
  const groups = groupsOf(`${method} ${path.split("?", 1)[0]}`);
  let [best, nearest] = [0.5, ""];
  for (const name of names) {
    const own = [...groupsOf(name)];
    const score = own.filter((group) => groups.has(group)).length / Math.max(own.length, groups.size);
    if (score >= best) [best, nearest] = [score, ` (the nearest there is ${name})`];
  }
  return `${method} ${shapeOf(path)} is not in the list of operations${nearest}`;
}

/** Whether an object holds what the rules say, and nothing else: a key that is misspelt would encrypt nothing. */
const holds = (rules: Record<string, (value: unknown) => unknown>) => (value: unknown) =>
  isRecord(value) && Object.entries(value).every(([key, part]) => part === undefined || rules[key]?.(part));
const isPointer = isText(/^\//);
const areAll = (fits: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(fits);
const isRow = holds({
  operationId: isText(/./),
  response: isText(/^unsigned$/),
  idempotent: isPointer,
  sensitive: holds({ request: areAll(isPointer), response: areAll(isPointer), query: areAll(isText(/./)) }),
  body: (value) => typeof value === "function",
});

/** Whether a call may be sent again: a query, or a write whose body carries the merchant's own number, by which WeChat Pay recognizes it. */
export function isRepeatable(method: string, idempotent: string | undefined, body: unknown): boolean {
  const number = idempotent && valueAt(body, idempotent);
  return method === "GET" || Number.isFinite(number) || (typeof number === "string" && number !== "");
}
