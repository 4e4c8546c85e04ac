import { isRecord, isText, requireOption } from "../checks.js";
import { valueAt } from "../json-pointer.js";

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
   * of the request and of 2xx responses. A `*` in a pointer is every item of a list and every property of a map, such as `/names/*`.
   */
  readonly sensitive?: { readonly request?: readonly string[]; readonly response?: readonly string[] };
}

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

  let marked: Tree | undefined;
  return {
    names: [...table.keys()],
    /** What is known of an operation: nothing of an unknown path. Throws where that would hide what has to be encrypted. */
    find(name: string, filled: string): Partial<Operation> {
      if (!table.has(name)) {
        if (Array.isArray(given)) throw new TypeError(`${name} is not in the list of operations: add it.`);
        // A row with only an operationId changes nothing, so such a path may pass.
        marked ??= treeOf(rows.filter(([, row]) => Object.keys(row).length > 1).map(([each]) => each));
        // A server may or may not take an encoded slash for a slash.
        const readings = [name, filled].flatMap((path) => [path, path.replace(/%2f|%5c/gi, "-")]);
        const meant = readings.map((path) => nearIn(marked, segments(path))).find(Boolean);
        if (meant) throw new TypeError(`This call is written ${meant}, with its parameters in params.path.`);
      }
      // No prototype, so that a polluted Object.prototype cannot mark a response as unsigned.
      return Object.assign(Object.create(null), table.get(name));
    },
  };
}

/** Whether an object holds what the rules say, and nothing else: a key that is misspelt would encrypt nothing. */
const holds = (rules: Record<string, (value: unknown) => unknown>) => (value: unknown) =>
  isRecord(value) && Object.entries(value).every(([key, part]) => part === undefined || rules[key]?.(part));
const isPointer = isText(/^\//);
const arePointers = (value: unknown) => Array.isArray(value) && value.every(isPointer);
const isRow = holds({
  operationId: isText(/./),
  response: isText(/^unsigned$/),
  idempotent: isPointer,
  sensitive: holds({ request: arePointers, response: arePointers }),
});

/** Operations by the segments of their paths; a parameter's is `{`. */
type Tree = { name?: string; below: Record<string, Tree> };

function treeOf(names: string[]): Tree {
  const root: Tree = { below: Object.create(null) };
  for (const name of names) {
    let node = root;
    for (const part of segments(name)) node = node.below[part.includes("{") ? "{" : part] ??= treeOf([]);
    node.name = name;
  }
  return root;
}

/** The operation as which a server might read a path. */
function nearIn(tree: Tree | undefined, [first, ...rest]: string[]): string | undefined {
  if (first === undefined) return tree?.name;
  return tree && (nearIn(tree.below[first], rest) ?? nearIn(tree.below["{"], rest));
}

/** A method and the segments of a path, as loosely as a server might read it. */
function segments(name: string): string[] {
  const { pathname } = new URL(name.replace(" ", "/"), "https://x");
  const path = pathname.replace(/%[2-7][\da-f]/gi, decodeURIComponent).toLowerCase();
  return path.match(/(?<=[\\/])[^\\/;]+/g) ?? [];
}

/** Whether a call may be sent again: a query, or a write whose body carries the merchant's own number, by which WeChat Pay recognizes it. */
export function isRepeatable(method: string, idempotent: string | undefined, body: unknown): boolean {
  const number = idempotent && valueAt(body, idempotent);
  return method === "GET" || Number.isFinite(number) || (typeof number === "string" && number !== "");
}
