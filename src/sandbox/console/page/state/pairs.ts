import type { State } from "../../messages.js";

/** A user and a sub-merchant, whom the user authorizes or not. */
export interface Pair {
  openid: string;
  sub_mchid: string;
}

/** Everybody that the sandbox has heard of, the latest first. */
export function pairsOf({ relations, tokens, authentications }: State): Pair[] {
  const pairs = new Map<string, Pair>();
  for (const { openid, sub_mchid } of [...relations, ...tokens, ...authentications]) {
    pairs.set(JSON.stringify([openid, sub_mchid]), { openid, sub_mchid });
  }
  return [...pairs.values()];
}

/** Face checks that the user can still do. */
export const openChecks = ({ authentications }: State, now: number) =>
  authentications.filter(({ state, expiresAt }) => state === "AUTHENTICATE_PROCESSING" && expiresAt > now);

const OPEN: Record<State["records"][number]["kind"], readonly string[]> = {
  order: ["NOTPAY"],
  refund: ["PROCESSING", "ABNORMAL"],
  transfer: ["WAIT_USER_CONFIRM"],
};

/** Whether something can still happen to an order, a refund or a transfer. */
export const isOpen = ({ kind, state }: Pick<State["records"][number], "kind" | "state">) => OPEN[kind].includes(state);
