import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { createSandbox, type Sandbox, type SandboxOptions } from "wechatpay-openapi-fetch/sandbox";
import type {
  Action,
  ActionResult,
  Entry,
  Message,
  ShownExchange,
  State,
} from "../../../src/sandbox/console/messages.js";

type Row<Kind extends Entry["kind"]> = Extract<Entry, { kind: Kind }>;

/** A sandbox with a console, and what its page asks of that. */
export async function openConsole(options: SandboxOptions = {}) {
  const sandbox = await createSandbox(options);
  return { sandbox, ...(await visit(sandbox)) };
}

/** Has a sandbox listen with a console. */
export async function visit(sandbox: Sandbox) {
  const { url, close } = await sandbox.listen({ console: true });
  const entries = async () =>
    (await messages(url)).flatMap((message) => (message.type === "entries" ? message.entries : []));
  return {
    url,
    close,
    entries,
    /** Rows of one kind, the oldest first. */
    async rows<Kind extends Entry["kind"]>(kind: Kind): Promise<Row<Kind>[]> {
      return (await entries()).filter((entry): entry is Row<Kind> => entry.kind === kind);
    },
    async state(): Promise<State> {
      const [told] = (await messages(url)).flatMap((message) => (message.type === "state" ? [message.state] : []));
      return told as State;
    },
    detail: async (id: number): Promise<ShownExchange> => (await fetch(`${url}/console/requests/${id}.json`)).json(),
    async act(action: Action): Promise<ActionResult> {
      const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(action) };
      return (await fetch(`${url}/console/actions`, init)).json();
    },
    send: (path: string, init?: SentRequest) => send(url, path, init),
  };
}

export interface SentRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** A request whose every header is ours, which fetch does not allow. */
export async function send(url: string, path: string, { method = "GET", headers = {}, body = "" }: SentRequest = {}) {
  const length = Buffer.byteLength(body);
  const sent = request(url + path, { method, agent: false, headers: { "Content-Length": length, ...headers } });
  const [response] = (await once(sent.end(body), "response")) as [IncomingMessage];
  // The stream of events has no end.
  const isEndless = response.headers["content-type"] === "text/event-stream";
  if (isEndless) response.destroy();
  const { statusCode = 0 } = response;
  return { status: statusCode, headers: response.headers, text: isEndless ? "" : await text(response) };
}

/** What a page is told when it connects: all that there was by then, and the state. */
export async function messages(url: string, query = ""): Promise<Message[]> {
  const all: Message[] = [];
  for await (const message of listen(url, query)) {
    all.push(message);
    if (message.type === "state") break;
  }
  return all;
}

/** What a page is told, as long as it listens. */
export async function* listen(url: string, query = ""): AsyncGenerator<Message> {
  const { body } = await fetch(`${url}/console/events${query}`);
  let told = "";
  const decoder = new TextDecoder();
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    const events = (told + decoder.decode(chunk, { stream: true })).split("\n\n");
    told = events.pop() ?? "";
    for (const event of events) yield JSON.parse(event.slice(event.indexOf("{")));
  }
}
