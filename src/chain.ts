/** A segment of a path as the chain names it: `payroll-card` → `payrollCard`, `{openid}` → `_openid_`. */
export function chainName(segment: string): string {
  const [, parameter] = /^\{([^{}]+)\}$/.exec(segment) ?? [];
  if (parameter !== undefined) return `_${parameter}_`;
  return segment.replace(/[^0-9A-Za-z]+([0-9A-Za-z]?)/g, (_, letter: string) => letter.toUpperCase());
}

/** A path's segments; a slash at its end adds none. */
export function chainSegments(path: string): string[] {
  return path.replace(/\/$/, "").split("/").slice(1);
}

type Calls = { [name: string]: Calls | ((init?: unknown) => Promise<unknown>) };

/**
 * The operations, by method and path, as a chain, `chain.v3.payrollCard.….post(init)`. Plain objects and no Proxy: a chain that answers
 * to any name would answer to `then`, and an async function could not return it.
 */
export function createChain(
  operations: Iterable<string>,
  call: (method: string, path: string, init?: unknown) => Promise<unknown>,
): Calls {
  const root: Calls = Object.create(null);
  for (const key of operations) {
    const [method = "", path = ""] = key.split(" ");
    let node = root;
    for (const segment of chainSegments(path)) {
      const name = chainName(segment);
      node[name] ??= Object.create(null) as Calls;
      node = node[name] as Calls;
    }
    node[method.toLowerCase()] = (init) => call(method, path, init);
  }
  return root;
}
