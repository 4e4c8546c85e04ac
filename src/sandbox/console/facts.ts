import type { SandboxOperation } from "../api/operation.js";
import { FAULTS } from "../server/faults.js";
import type { Facts } from "./events.js";
import type { ShownOperation, State, Text } from "./messages.js";
import type { ConsoleParts } from "./parts.js";

/** How many of each kind a page is told: the newest. */
const MOST = 100;

/** What does not change while the sandbox runs. */
export function factsOf({ merchant, router, events }: ConsoleParts): Facts {
  const { mchid, serialNo } = merchant;
  const operations = router.operations.map(shownOperation);
  return { mchid, serialNo, operations, faults: FAULTS, events: events() };
}

function shownOperation({ name, operationId, summary, requests }: SandboxOperation): ShownOperation {
  const [method = "", path = ""] = name.split(/ (.*)/s);
  return { operationId, method, path, summary: bothLanguages(summary), examples: [...requests().keys()] };
}

/** A summary is Chinese, then English. */
function bothLanguages(summary: string): Text {
  const [, zh = summary, en = summary] = /^(.*[^\0-\x7f]\S*)\s+([\0-\x7f]+)$/s.exec(summary) ?? [];
  return { zh, en };
}

export function stateOf({ states, faults, platform }: ConsoleParts): State {
  return {
    ...states(MOST),
    faults: faults.waiting.slice(0, MOST).map(({ id, fault, operation, times }) => ({
      id,
      fault,
      ...(operation !== undefined && { operation }),
      ...(Number.isFinite(times) && { times }),
    })),
    platformKeys: platform
      .made()
      .slice(-MOST)
      .map(({ serial, startsAt, expiresAt }) => ({
        serial,
        kind: Number.isFinite(expiresAt) ? "certificate" : "public-key",
        ...(Number.isFinite(expiresAt) && { startsAt, expiresAt }),
      })),
  };
}
