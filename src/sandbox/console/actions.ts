import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { parseJson, toUtf8 } from "../../bytes.js";
import { ActionError, inChinese } from "../action-error.js";
import { connectionOf } from "./connection.js";
import { exampleOf } from "./examples.js";
import { readAction } from "./fields.js";
import { sendText } from "./http.js";
import type { Kept } from "./kept.js";
import type { Action, ActionResult } from "./messages.js";
import { documentedResource, notify } from "./notifying.js";
import type { ConsoleParts } from "./parts.js";
import { send } from "./sending.js";

/** The largest action, in bytes; and of those that carry a body of their own. */
const LARGEST_ACTION = 2 ** 16;
const LARGEST_BODY = 2 ** 20;
const WITH_BODY: readonly Action["action"][] = ["send", "notify"];

/** What the buttons of the page do. */
export class Actions {
  readonly #parts: ConsoleParts;
  readonly #kept: Kept;
  /** What takes away the faults that were made here. */
  readonly #endFaults: (() => void)[] = [];
  readonly #done: () => void;

  /** @param done is called after each */
  constructor(parts: ConsoleParts, kept: Kept, done: () => void) {
    this.#parts = parts;
    this.#kept = kept;
    this.#done = done;
  }

  async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { origin, host, "content-type": type = "", "content-length": length } = incoming.headers;
    const tooLarge = (most: number) =>
      sendText(outgoing, 413, `An action says its Content-Length, of at most ${most} bytes.`);
    // Another site's page can send neither this type nor this origin.
    if (!/^application\/json\s*(;|$)/i.test(type)) {
      return sendText(outgoing, 415, "An action is sent as application/json.");
    }
    if (origin !== undefined && origin.replace(/^https?:\/\//, "") !== host?.toLowerCase()) {
      return sendText(outgoing, 403, "An action is sent by the console's own page.");
    }
    if (!(Number(length) <= LARGEST_BODY)) return tooLarge(LARGEST_BODY);
    const asked = parseJson(toUtf8(await text(incoming)));
    const { action } = Object(asked) as Partial<Action>;
    if (Number(length) > LARGEST_ACTION && !WITH_BODY.some((name) => name === action)) return tooLarge(LARGEST_ACTION);
    const result = await this.#act(() => readAction(asked, this.#parts), `http://${host}`).then(
      (done): ActionResult => ({ done: String(done ?? "") }),
      (error): ActionResult => ({ refused: { zh: inChinese(error), en: error.message } }),
    );
    this.#done();
    // With another status, browsers would log an error for a refusal.
    outgoing.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(result));
  }

  /** Returns what the sandbox answers; throws its error where it cannot. */
  async #act(read: () => Action, origin: string): Promise<unknown> {
    const parts = this.#parts;
    const { sandbox, faults } = parts;
    const asked = read();
    switch (asked.action) {
      case "authorize": {
        const { action, state, ...user } = asked;
        return sandbox.authorize(user, state);
      }
      case "authenticate":
        return sandbox.authenticate(asked.number, asked.state);
      case "failTransfer":
        return sandbox.failTransfer(asked);
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
      case "removeFault":
        if (faults.remove(asked.id)) return;
        throw new ActionError("这个故障已经发生，或已取消。", "This fault has happened, or was cancelled.");
      case "endFaults":
        for (const end of this.#endFaults.splice(0)) end();
        return;
      case "advance":
        return sandbox.advance(asked.ms);
      case "rotate":
        return sandbox.rotate();
      case "clear":
        return sandbox.clearRequests();
      case "send":
        return send(asked, origin, parts);
      case "example":
        return JSON.stringify(exampleOf(asked, parts));
      case "notify":
        return notify(asked, () => this.#kept.notifications, parts);
      case "exampleNotification":
        return JSON.stringify(documentedResource(asked.event_type, parts));
      case "connect":
        return JSON.stringify(await connectionOf(parts));
    }
  }
}
