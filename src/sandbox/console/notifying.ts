import { ActionError } from "../action-error.js";
import { fetchBriefly } from "../server/fetch-briefly.js";
import type { Action } from "./messages.js";
import type { ConsoleParts } from "./parts.js";

type Notify = Extract<Action, { action: "notify" }>;

/**
 * Sends a notification, whatever comes of it: that is an entry of the console.
 *
 * @param lastId the id of the entry that was made last
 * @returns its id
 */
export async function notify({ url, event_type, resource }: Notify, lastId: () => number, parts: ConsoleParts) {
  const { sandbox, watchers } = parts;
  if (resource === undefined) documentedResource(event_type, parts);
  let sent: Request | undefined;
  const send = (request: Request) => {
    sent = request;
    return fetchBriefly(request);
  };
  return watchers.first(
    (happening) => {
      const isIt = happening.what === "notification" && happening.notification.request === sent;
      return isIt && sent !== undefined ? lastId() : undefined;
    },
    async () => {
      await sandbox.notify(url, { event_type, ...(resource && { resource }) }, { fetch: send }).catch((error) => {
        if (sent === undefined) throw error;
      });
      // Its entry comes when the beginning of the answer's body is read.
      await new Promise(() => {});
    },
  );
}

/** What the documented example of an event type tells. @throws {ActionError} if there is none. */
export function documentedResource(event_type: string, { events, resourceOf }: ConsoleParts): unknown {
  const resource = resourceOf(event_type);
  if (resource !== undefined) return resource;
  throw new ActionError(
    `描述文件中没有事件类型 ${event_type} 的示例，请给出 resource。已有：${events().join("、")}。`,
    `The description has no example of the event type ${event_type}: give a resource. It has ${events().join(", ")}.`,
  );
}
