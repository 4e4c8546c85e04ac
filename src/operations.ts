import { isRecord, requireOption } from "./options.js";

/** What the client must know of an operation and only the spec can say: its `x-wechatpay-` keys. */
export interface Operation {
  /** The spec's operationId; errors name it. */
  readonly operationId: string;
  /** `unsigned` where a good reply carries no signature, as a file's download (`x-wechatpay-response`). */
  readonly response?: "unsigned";
  /**
   * JSON pointer of the merchant's own number in the body, such as `/out_batch_no`. The same request may be sent again under the same
   * number, so a call that failed is repeated; without it, a write never is (`x-wechatpay-idempotent`).
   */
  readonly idempotent?: string;
  /**
   * Fields that are encrypted on the wire, and plain text for the caller (`x-wechatpay-sensitive`): JSON pointers into the JSON bodies
   * of the request and of good replies. A `*` in a pointer is every item of a list and every property of a map, such as `/names/*`.
   */
  readonly sensitive?: { readonly request?: readonly string[]; readonly response?: readonly string[] };
}

/** The operations of a spec by method and path, e.g. `"POST /v3/payroll-card/authentications/pre-order"`. */
export type Operations = Readonly<Record<string, Operation>>;

/** Those that the client calls. */
export const METHODS = ["GET", "PUT", "POST", "PATCH", "DELETE"] as const;

const KEY = new RegExp(`^(${METHODS.join("|")}) /\\S*$`);

/**
 * The table of the option `operations`. What it does not say is not encrypted, so it must say what it means.
 * @throws {TypeError} naming the row that is no operation.
 */
export function readOperations(given: Operations | readonly Operations[]): ReadonlyMap<string, Operation> {
  const tables: unknown[] = Array.isArray(given) ? given : [given];
  const wanted = "an operations table, by method and path, or a list of one or more of its operations";
  requireOption("operations", tables.length > 0 && tables.every(isRecord), wanted, given);
  const rows = tables.flatMap((table) => Object.entries(table as Record<string, unknown>));
  for (const [key, row] of rows) {
    const wantedKey = "a method and a path with one blank between them, as in POST /v3/payroll-card/tokens";
    requireOption("a key of operations", KEY.test(key), wantedKey, key);
    const wantedRow = "what the generator writes: { operationId, response, idempotent, sensitive }";
    requireOption(`operations[${JSON.stringify(key)}]`, isOperation(row), wantedRow, row);
  }
  const table = new Map(
    // Without a prototype, nobody else can say that a reply is unsigned.
    rows.map(([key, row]): [string, Operation] => [key, Object.assign(Object.create(null), row)]),
  );
  requireOption("operations", table.size === rows.length, "a list that has each operation once", given);
  return table;
}

function isOperation(row: unknown): boolean {
  if (!isRecord(row)) return false;
  const { operationId, response, idempotent, sensitive = {} } = row as Record<string, unknown>;
  const isPointer = (value: unknown) => typeof value === "string" && value.startsWith("/");
  return (
    typeof operationId === "string" &&
    [undefined, "unsigned"].includes(response as undefined) &&
    (idempotent === undefined || isPointer(idempotent)) &&
    isRecord(sensitive) &&
    Object.values(sensitive).every((pointers) => Array.isArray(pointers) && pointers.every(isPointer))
  );
}

/**
 * Refuses a path that is written otherwise than the table has it (with a parameter filled in, another case, one slash more), where
 * the table would have said what is to be encrypted, or how its reply is taken.
 * @throws {TypeError} naming the operation that is meant.
 */
export function refuseNearMiss(method: string, path: string, table: ReadonlyMap<string, Operation>): void {
  const given = segmentsOf(path);
  const meant = [...table].find(([key, { operationId: _, ...more }]) => {
    const [itsMethod, itsPath = ""] = key.split(" ");
    const segments = segmentsOf(itsPath);
    return (
      itsMethod === method &&
      Object.keys(more).length > 0 &&
      segments.length === given.length &&
      segments.every((segment, i) => segment.includes("{") || segment === given[i])
    );
  });
  if (meant === undefined) return;
  throw new TypeError(
    `${method} ${path.slice(0, 200)} is written ${meant[0]}, with its parameters in params.path: what is encrypted in it would not be known otherwise.`,
  );
}

/** As loosely as a server might read it. */
function segmentsOf(path: string): string[] {
  let text = path.split(/[?#]/, 1)[0] as string;
  try {
    text = decodeURIComponent(text);
  } catch {}
  const segments = text.toLowerCase().split(/[\\/]+/);
  return segments.map((segment) => segment.split(";", 1)[0] as string).filter((segment) => segment !== "");
}
