import { isRecord, requireOption } from "../checks.js";
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

/**
 * The table of the option `operations`. What it does not say is not encrypted, so it must say what it means.
 * @throws {TypeError} naming the row that is no operation.
 */
export function readOperations(given: Operations | readonly Operations[]) {
  const tables: unknown[] = Array.isArray(given) ? given : [given];
  const wanted = "a table, or a list of one or more of its operations";
  requireOption("operations", tables.length > 0 && tables.every(isRecord), wanted, given);
  const rows = tables.flatMap((table) => Object.entries(table as Operations));
  for (const [name, row] of rows) {
    requireOption("a key of operations", NAME.test(name), "a method and a path, as POST /v3/x", name);
    requireOption(`operations[${JSON.stringify(name)}]`, isOperation(row), "what the generator writes", row);
  }
  // Without a prototype, nobody else can say that a response is unsigned.
  const table = new Map(
    rows.map(([name, row]): [string, Operation] => [name, Object.assign(Object.create(null), row)]),
  );
  requireOption("operations", table.size === rows.length, "a list that has each operation once", given);
  let marked: [name: string, template: string[]][] | undefined;

  return {
    names: [...table.keys()],
    /** The operation of a call; `undefined` for an unknown path. Throws where that would hide what has to be encrypted. */
    find(method: string, path: string): Operation | undefined {
      const name = `${method} ${path.split("?", 1)[0]}`;
      const why = "or its sensitive fields are not known";
      if (table.has(name)) return table.get(name);
      if (Array.isArray(given)) throw new TypeError(`${name} is not in the list of operations: add it, ${why}.`);
      // Where a row says no more than its name, nothing depends on it.
      marked ??= rows.filter(([, row]) => Object.keys(row).length > 1).map(([each]) => [each, segments(each)]);
      const parts = segments(name);
      const meant = marked.find(([, template]) => isMeant(template, parts));
      if (meant === undefined) return undefined;
      throw new TypeError(`${name.slice(0, 200)} is written ${meant[0]}, with its parameters in params.path, ${why}.`);
    },
  };
}

function isOperation(row: unknown): boolean {
  const { operationId, response = "unsigned", idempotent = "/", sensitive = {} } = Object(row) as Partial<Operation>;
  const isPointer = (pointer: unknown) => typeof pointer === "string" && pointer.startsWith("/");
  const arePointers = (list: unknown) => Array.isArray(list) && list.every(isPointer);
  const fits = isRecord(sensitive) && [[idempotent], ...Object.values(sensitive)].every(arePointers);
  return fits && typeof operationId === "string" && response === "unsigned";
}

const isMeant = (template: string[], given: string[]) =>
  template.length === given.length && template.every((part, i) => part.includes("{") || part === given[i]);

/** A method and the segments of a path, as loosely as a server might read it. */
function segments(name: string): string[] {
  const { pathname } = new URL(name.replace(" ", "/"), "https://x");
  const decode = (_: string, code: string) => String.fromCharCode(Number.parseInt(code, 16));
  const path = pathname.replace(/%([2-7][\da-f])/gi, decode).toLowerCase();
  return path.split(/[\\/]+/).flatMap((part) => part.split(";", 1)[0] || []);
}

/** Whether a call may be sent again: a query, or a write whose body carries the merchant's own number, by which WeChat Pay recognizes it. */
export function isRepeatable(method: string, operation: Operation | undefined, body: unknown): boolean {
  const { idempotent } = operation ?? {};
  const number = idempotent && valueAt(body, idempotent);
  return method === "GET" || typeof number === "number" || (typeof number === "string" && number !== "");
}
