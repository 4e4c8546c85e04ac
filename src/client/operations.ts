import { isRecord, requireOption } from "../checks.js";
import { valueAt } from "../json-pointer.js";

/** What the client must know about an operation and only the spec can say: its `x-wechatpay-` keys. */
export interface Operation {
  /** The spec's operationId; errors name it. */
  readonly operationId: string;
  /** `unsigned` where a 2xx response carries no signature, such as a file's download (`x-wechatpay-response`). */
  readonly response?: "unsigned";
  /**
   * JSON pointer of the merchant's own number in the body, such as `/out_batch_no`. The same request may be sent again under the same
   * number, so a call that failed is repeated; without it, a write never is (`x-wechatpay-idempotent`).
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

/** The operations that a client knows. */
export interface OperationTable {
  /** Method and path of each. */
  names: readonly string[];
  /**
   * The operation of a call; absent for a path that no table knows.
   * @throws {TypeError} where what is encrypted in it would not be known.
   */
  find(method: string, path: string): Operation | undefined;
}

/**
 * The table of the option `operations`. What it does not say is not encrypted, so it must say what it means.
 * @throws {TypeError} naming the row that is no operation.
 */
export function readOperations(given: Operations | readonly Operations[]): OperationTable {
  const tables: unknown[] = Array.isArray(given) ? given : [given];
  const wanted = "an operations table, by method and path, or a list of one or more of its operations";
  requireOption("operations", tables.length > 0 && tables.every(isRecord), wanted, given);
  const rows = tables.flatMap((table) => Object.entries(table as Record<string, unknown>));
  for (const [name, row] of rows) {
    requireOption("a key of operations", NAME.test(name), "a method and a path with one blank between them", name);
    const wantedRow = "what the generator writes: { operationId, response, idempotent, sensitive }";
    requireOption(`operations[${JSON.stringify(name)}]`, isOperation(row), wantedRow, row);
  }
  // Without a prototype, nobody else can say that a response is unsigned.
  const table = new Map(
    rows.map(([name, row]): [string, Operation] => [name, Object.assign(Object.create(null), row)]),
  );
  requireOption("operations", table.size === rows.length, "a list that has each operation once", given);
  /** Those whose row says more than their name. */
  const marked = [...table]
    .filter(([, row]) => Object.keys(row).length > 1)
    .map(([name]) => ({ name, parts: loosely(name) }));

  return {
    names: [...table.keys()],
    find(method, path) {
      const name = `${method} ${path.split("?", 1)[0]}`;
      const found = table.get(name);
      if (found !== undefined) return found;
      if (Array.isArray(given)) {
        throw new TypeError(
          `${name} is not in the list of operations, so what is sensitive in it is not known: add it.`,
        );
      }
      const parts = loosely(name);
      const isMeant = (part: string, i: number) => part.includes("{") || part === parts[i];
      const meant = marked.find((row) => row.parts.length === parts.length && row.parts.every(isMeant));
      if (meant === undefined) return undefined;
      throw new TypeError(
        `${name.slice(0, 200)} is written ${meant.name}, with its parameters in params.path: what is encrypted in it would not be known otherwise.`,
      );
    },
  };
}

function isOperation(row: unknown): boolean {
  if (!isRecord(row)) return false;
  const { operationId, response = "unsigned", idempotent = "/", sensitive = {} } = row as Partial<Operation>;
  const pointers = isRecord(sensitive) ? [idempotent, ...Object.values(sensitive)].flat() : [];
  const areLists = pointers.length > 0 && Object.values(sensitive).every(Array.isArray);
  const arePointers = areLists && pointers.every((pointer) => typeof pointer === "string" && pointer.startsWith("/"));
  return typeof operationId === "string" && response === "unsigned" && arePointers;
}

/** A method and the segments of a path, as loosely as a server might read it. */
function loosely(name: string): string[] {
  let text = name.split(/[?#]/, 1)[0] as string;
  try {
    text = decodeURIComponent(text);
  } catch {}
  return text
    .toLowerCase()
    .split(/[\\/]+/)
    .flatMap((segment) => segment.split(";", 1)[0] || []);
}

/** Whether a call may be sent again: a query, or a write whose body carries the merchant's own number, by which WeChat Pay recognizes it. */
export function isRepeatable(method: string, operation: Operation | undefined, body: unknown): boolean {
  if (method === "GET") return true;
  const number = operation?.idempotent === undefined ? undefined : valueAt(body, operation.idempotent);
  return typeof number === "number" || (typeof number === "string" && number !== "");
}
