import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { parseJson, toUtf8 } from "../../bytes.js";
import { isRecord, refuseUnknown } from "../../checks.js";
import { oneOf, requireFit } from "../checks.js";
import type { Sandbox } from "../types.js";
import type { EventStream } from "./events.js";
import { sendText } from "./http.js";
import type { Action, ActionResult } from "./messages.js";

/** The largest action, in bytes. */
const LARGEST_ACTION = 65_536;

/** The fields of each action. */
const FIELDS: Record<Action["action"], readonly string[]> = {
  authorize: ["openid", "sub_mchid", "token", "state"],
  authenticate: ["number", "state"],
  failTransfer: ["out_batch_no", "out_detail_no"],
  pay: ["out_trade_no"],
  finishRefund: ["out_refund_no", "status"],
  confirm: ["out_bill_no", "fail_reason"],
  fail: ["fault", "operation", "times"],
  endFaults: [],
  advance: ["ms"],
  rotate: [],
  clear: [],
};

/** What the buttons of the page do. */
export class Actions {
  readonly #sandbox: Sandbox;
  readonly #events: EventStream;
  /** What takes away the faults that were made here. */
  readonly #endFaults: (() => void)[] = [];

  constructor(sandbox: Sandbox, events: EventStream) {
    this.#sandbox = sandbox;
    this.#events = events;
  }

  async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { origin, "content-type": type = "", "content-length": length } = incoming.headers;
    // Another site's page can send neither this type nor this origin.
    if (!/^application\/json\s*(;|$)/i.test(type)) {
      return sendText(outgoing, 415, "An action is sent as application/json.");
    }
    if (origin !== undefined && origin.replace(/^https?:\/\//, "") !== incoming.headers.host?.toLowerCase()) {
      return sendText(outgoing, 403, "An action is sent by the console's own page.");
    }
    if (!(Number(length) <= LARGEST_ACTION)) {
      return sendText(outgoing, 413, `An action says its Content-Length, of at most ${LARGEST_ACTION} bytes.`);
    }
    const result = await text(incoming)
      .then((asked) => this.#carryOut(readAction(asked)))
      .then(
        (done): ActionResult => ({ done: String(done ?? "") }),
        (error): ActionResult => ({ refused: error instanceof Error ? error.message : String(error) }),
      );
    this.#events.sendTime();
    // With another status, browsers would log an error for a refusal.
    outgoing.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(result));
  }

  /** Returns what the sandbox answers; throws its error where it cannot. */
  async #carryOut(asked: Action): Promise<unknown> {
    const sandbox = this.#sandbox;
    switch (asked.action) {
      case "authorize": {
        const { action, state, ...user } = asked;
        return sandbox.authorize(user, state);
      }
      case "authenticate":
        return sandbox.authenticate(asked.number, asked.state);
      case "failTransfer":
        return sandbox.failTransfer({ out_batch_no: asked.out_batch_no, out_detail_no: asked.out_detail_no });
      case "pay":
        return (await sandbox.pay(asked)).transaction_id;
      case "finishRefund":
        return (await sandbox.finishRefund(asked, asked.status)).refund_status;
      case "confirm":
        return (await sandbox.confirm(asked, asked.fail_reason)).state;
      case "fail": {
        const { action, ...fault } = asked;
        return void this.#endFaults.push(sandbox.fail(fault));
      }
      case "endFaults":
        for (const end of this.#endFaults.splice(0)) end();
        return;
      case "advance":
        return sandbox.advance(asked.ms);
      case "rotate":
        return sandbox.rotate();
      case "clear":
        return sandbox.clearRequests();
    }
  }
}

/** An action, whose values the sandbox checks as it checks those of a call. @throws {TypeError} if it is none, or has other fields. */
function readAction(text: string): Action {
  const asked = parseJson(toUtf8(text));
  const { action } = isRecord(asked) ? asked : {};
  requireFit("action", oneOf(Object.keys(FIELDS)), action);
  refuseUnknown(`the action ${action}`, asked as Action, ["action", ...FIELDS[action as Action["action"]]]);
  return asked as Action;
}
