import { METHODS } from "./operations.js";

/** A segment of a path as the chain names it: `payroll-card` → `payrollCard`, `{openid}` → `_openid_`. */
export function chainName(segment: string): string {
  const [, parameter] = /^\{([^{}]+)\}$/.exec(segment) ?? [];
  if (parameter !== undefined) return `_${parameter}_`;
  return segment.replace(/[^0-9A-Za-z]+([0-9A-Za-z]?)/g, (_, letter: string) => letter.toUpperCase());
}

/** A path's segments; a slash at its end adds none. */
export const chainSegments = (path: string): string[] => path.replace(/\/$/, "").split("/").slice(1);

/** Calls an operation by method and path. */
type Invoke = (method: string, path: string, init?: unknown) => Promise<unknown>;

type Chain = { [name: string]: Chain };

/** Plain objects and no Proxy: a chain that answers to any name would answer to `then`, and an async function could not return it. */
function createChain(operations: Iterable<string>, call: Invoke): Chain {
  const root: Chain = Object.create(null);
  for (const operation of operations) {
    const [method = "", path = ""] = operation.split(" ");
    let node = root;
    for (const name of chainSegments(path).map(chainName)) node = node[name] ??= Object.create(null);
    Object.assign(node, { [method.toLowerCase()]: (init?: unknown) => call(method, path, init) });
  }
  return root;
}

/** The three ways of calling: `client.POST(path, init)`, `client[path].POST(init)`, and the chain, `client.v3.payrollCard.….post(init)`. */
export function threeWays(operations: Iterable<string>, call: Invoke): object {
  const byMethod = (invoke: (method: string, ...args: never[]) => Promise<unknown>) =>
    Object.fromEntries(METHODS.map((method) => [method, invoke.bind(undefined, method)]));
  let chain: Chain | undefined;
  return new Proxy(byMethod(call), {
    get(methods, name) {
      if (typeof name !== "string" || name in methods) return Reflect.get(methods, name);
      if (name.startsWith("/")) return byMethod((method, init) => call(method, name, init));
      chain ??= createChain(operations, call);
      return chain[name];
    },
  });
}
