// Which operations have a place in the chain, and how the others are called.
import { chainNames, isTaken } from "../../src/client/chain.js";

interface Placed {
  method: string;
  path: string;
}

/** The names that lead to an operation, by the operation. */
export type Places<Operation> = ReadonlyMap<Operation, string[]>;

/**
 * Gives every operation its place in the chain, unless one of its names is taken or another operation has the same names.
 * @returns the places, and a sentence for each operation that has none
 */
export function chainPlaces<Operation extends Placed>(
  operations: Operation[],
): { places: Places<Operation>; notices: string[] } {
  const byNames = new Map<string, Operation[]>();
  const notices: string[] = [];
  for (const operation of operations) {
    const taken = chainNames(operation.path).find(isTaken);
    if (taken === undefined) {
      const place = placeOf(operation).join(".");
      byNames.set(place, [...(byNames.get(place) ?? []), operation]);
    } else {
      notices.push(
        `${keyOf(operation)} is not in the chain, where no segment is called "${taken}": write ${callOf(operation)}.`,
      );
    }
  }
  const places = new Map<Operation, string[]>();
  for (const [place, [first, ...others]] of byNames) {
    if (first === undefined) continue;
    if (others.length === 0) places.set(first, placeOf(first));
    else {
      const all = [first, ...others];
      notices.push(
        `${all.map(keyOf).join(" and ")} are not in the chain, where each would be ${place}: write ${all.map(callOf).join(" and ")}.`,
      );
    }
  }
  return { places, notices };
}

function placeOf({ method, path }: Placed): string[] {
  return [...chainNames(path), method.toLowerCase()];
}

function keyOf({ method, path }: Placed): string {
  return `${method.toUpperCase()} ${path}`;
}

function callOf({ method, path }: Placed): string {
  return `wechatpay.${method.toUpperCase()}(${JSON.stringify(path)}, …)`;
}
