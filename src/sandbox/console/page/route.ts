import { signal } from "@preact/signals";

/** What the page's address names, after `#`: the details of a request or a notification, or a view of its own. */
export type Route =
  | { view: "requests"; id?: number }
  | { view: "notifications"; id: number }
  /** A documented example to send, as the API docs link it: `#send=createToken.authorize`. */
  | { view: "trigger"; send?: string }
  | { view: "state" | "connect" };

export const route = signal<Route>(parse(location.hash));
const follow = () => {
  route.value = parse(location.hash);
};
addEventListener("hashchange", follow);

/** Whether the address names a request or a notification. */
export const isDetail = (at: Route) => (at.view === "requests" && at.id !== undefined) || at.view === "notifications";

/** Goes to another address, such as `#/requests/12`. From one detail to the next there is no way back: it would be as long as the list. */
export function go(hash: string): void {
  if (hash === location.hash) return;
  if (isDetail(route.value) && isDetail(parse(hash))) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
  follow();
}

function parse(hash: string): Route {
  const [, view = "", id] = /^#\/(\w+)(?:\/(\d+))?$/.exec(hash) ?? [];
  const [, send] = /^#send=([\w.-]+)$/.exec(hash) ?? [];
  if (send !== undefined) return { view: "trigger", send };
  if (view === "notifications" && id !== undefined) return { view, id: Number(id) };
  if (view === "state" || view === "connect" || view === "trigger") return { view };
  return { view: "requests", ...(id !== undefined && { id: Number(id) }) };
}
