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

type Calls = { [name: string]: Calls | ((init?: unknown) => Promise<unknown>) };

/**
 * The operations, by method and path, as a chain, `chain.v3.payrollCard.….post(init)`. Plain objects and no Proxy: a chain that answers
 * to any name would answer to `then`, and an async function could not return it.
 */
function createChain(operations: Iterable<string>, call: Invoke): Calls {
  const root: Calls = Object.create(null);
  for (const operation of operations) {
    const [method = "", path = ""] = operation.split(" ");
    let node = root;
    for (const name of chainSegments(path).map(chainName)) {
      node[name] ??= Object.create(null) as Calls;
      node = node[name] as Calls;
    }
    node[method.toLowerCase()] = (init) => call(method, path, init);
  }
  return root;
}

/** The three ways of calling: `client.POST(path, init)`, `client[path].POST(init)`, and the chain. */
export function threeWays(operations: Iterable<string>, call: Invoke): object {
  const byMethod = <Args extends unknown[]>(invoke: (method: string, ...args: Args) => Promise<unknown>) =>
    Object.fromEntries(METHODS.map((method) => [method, (...args: Args) => invoke(method, ...args)]));
  let chain: Calls | undefined;
  const byName: ProxyHandler<object> = {
    get(target, name) {
      if (typeof name !== "string") return Reflect.get(target, name);
      if (name.startsWith("/")) return byMethod((method, init?: unknown) => call(method, name, init));
      chain ??= createChain(operations, call);
      return chain[name] ?? Reflect.get(target, name);
    },
  };
  return Object.assign(Object.create(new Proxy({}, byName)), byMethod(call));
}
