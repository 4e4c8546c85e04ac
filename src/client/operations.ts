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

  return {
    names: [...table.keys()],
    /** What is known of an operation: nothing of an unknown path. Throws where that would hide what has to be encrypted. */
    find(name: string, filled: string): Partial<Operation> {
      if (!table.has(name)) {
        if (Array.isArray(given)) throw new TypeError(`${name} is not in the list of operations: add it.`);
        // A row with only an operationId changes nothing, so such a path may pass.
        const marked = rows.filter(([, row]) => Object.keys(row).length > 1);
        const meant = marked.find(([each]) => [name, filled].some((path) => isNear(each, path)));
        if (meant) throw new TypeError(`This call is written ${meant[0]}, with its parameters in params.path.`);
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

/** Whether a server might read a path as this operation: it may or may not take an encoded slash for a slash. */
function isNear(template: string, path: string): boolean {
  return [path, path.replace(/%2f|%5c/gi, "-")].some((reading) => {
    const parts = segments(reading);
    const fill = (part: string, i: number) => (part.includes("{") ? parts[i] : part);
    return segments(template).map(fill).join("/") === parts.join("/");
  });
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
