import type { State, Text } from "../../messages.js";
import { panels } from "./texts.js";

/** Something that happens by itself when the sandbox's time has come. */
export interface Due {
  /** In ms since the epoch, by the sandbox's clock. */
  at: number;
  /** `{0}`: how long until then; `{1}`: {@link what}. */
  text: Text;
  what: string;
}

/** What is still to come, the next first. */
export function dueAfter({ tokens, batches, platformKeys }: State, now: number): Due[] {
  const all: Due[] = [
    ...tokens.map(({ expiresAt: at, openid: what }) => ({ at, what, text: panels.dueToken })),
    ...batches.map(({ finishesAt: at, out_batch_no: what }) => ({ at, what, text: panels.dueBatch })),
    ...platformKeys.flatMap(({ serial: what, startsAt, expiresAt }) => [
      ...(startsAt === undefined ? [] : [{ at: startsAt, what, text: panels.dueKeyStarts }]),
      ...(expiresAt === undefined ? [] : [{ at: expiresAt, what, text: panels.dueKey }]),
    ]),
  ];
  return all.filter(({ at }) => at > now).sort((a, b) => a.at - b.at);
}

/** Of each kind and whose it is, what comes first, up to a time. */
export const nextOf = (due: readonly Due[], end: number): Due[] =>
  due.filter(
    ({ at, text, what }) => at <= end && due.find((each) => each.text === text && each.what === what)?.at === at,
  );
