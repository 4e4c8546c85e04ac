import { METHODS } from "./operations.js";

/** A segment of a path as the chain names it: `payroll-card` → `payrollCard`, `{openid}` → `_openid_`. */
export const chainName = (segment: string): string =>
  segment.replace(/^\{([^{}]+)\}$|[\W_]+(.?)/g, (_, parameter: string | undefined, letter: string) =>
    parameter === undefined ? letter.toUpperCase() : `_${parameter}_`,
  );

/** The names of a path's segments; a slash at its end adds none. */
export const chainNames = (path: string): string[] => path.replace(/\/$/, "").split("/").slice(1).map(chainName);

/** Whether a name has another meaning in the chain: a method's, that of a promise, or as the first one a function of the client's. */
export const isTaken = (name: string, at: number): boolean =>
  /^(get|put|post|patch|delete|then)?$/i.test(name) || (at === 0 && /^(download|encrypt)$/.test(name));

/** Calls an operation by method and path. */
type Invoke = (method: string, path: string, init?: unknown) => Promise<unknown>;

type Chain = { [name: string]: Chain };

/** Plain objects below the client: a chain that answers to any name would answer to `then`, and an async function could not return it. */
function createChain(operations: Iterable<string>, call: Invoke): Chain {
  const chain: Chain = Object.create(null);
  for (const operation of operations) {
    const [method = "", path = ""] = operation.split(" ");
    const names = chainNames(path);
    if (names.some(isTaken)) continue;
    let node = chain;
    for (const name of names) node = node[name] ??= Object.create(null);
    // Of two operations with one place, nobody knows which is meant.
    const own = method.toLowerCase();
    Object.assign(node, { [own]: own in node ? undefined : call.bind(undefined, method, path) });
  }
  return chain;
}

/** The three ways of calling: `client.POST(path, init)`, `client[path].POST(init)`, and the chain, `client.v3.payrollCard.….post(init)`. */
export function threeWays(operations: Iterable<string>, call: Invoke, functions: object): object {
  const byMethod = (...path: string[]) =>
    Object.fromEntries(METHODS.map((method) => [method, call.bind(undefined, method, ...(path as [string]))]));
  let chain: Chain | undefined;
  return new Proxy(Object.assign(byMethod(), functions), {
    get(methods, name) {
      if (String(name).startsWith("/")) return byMethod(String(name));
      if (Object.hasOwn(methods, name)) return Reflect.get(methods, name);
      chain ??= createChain(operations, call);
      return Reflect.get(chain, name) ?? Reflect.get(methods, name);
    },
  });
}
