// What is written in "Send a request". It outlives the view, so that one can look at a response and come back.
import { signal } from "@preact/signals";
import { ask } from "../actions.js";
import { say } from "../language.js";
import { go } from "../route.js";
import { type draft, note, start } from "../store.js";
import { asText } from "../text.js";
import { readJson } from "./json-input.js";
import { panels } from "./texts.js";

export type Draft = NonNullable<typeof draft.value>;

const BLANK = { operation: "", example: "", method: "GET", path: "/v3/certificates", body: "" };

/** `operation` and `example` are `""` where the request is one of nobody's documents. */
export const form = signal(BLANK);

export const change = (some: Partial<typeof form.value>) => {
  form.value = { ...form.value, ...some };
};

let latest = 0;

/** Fills in a request, such as one to edit and replay. An example that is still on its way is not wanted any more. */
export function fill({ method, path, body }: Draft, operation = "", example = ""): void {
  latest += 1;
  form.value = { operation, example, method, path, body: asText(body) };
}

/** The documented example of an operation, its numbers made new. */
async function exampleOf(operationId: string, example: string): Promise<Draft | undefined> {
  const made = await ask({ action: "example", operationId, ...(example !== "" && { example }) });
  return made === undefined ? undefined : JSON.parse(made);
}

/** Fills in the documented example of an operation, by default its first. */
export async function choose(operationId: string, named?: string): Promise<void> {
  const asked = ++latest;
  const [first = ""] = start.value?.operations.find((each) => each.operationId === operationId)?.examples ?? [];
  const example = named ?? first;
  change({ operation: operationId, example });
  const made = operationId === "" ? undefined : await exampleOf(operationId, example);
  if (made !== undefined && asked === latest) fill(made, operationId, example);
}

/** Fills in the first example, where nothing is written yet. */
function chooseFirst(): void {
  const all = start.value?.operations ?? [];
  const first = all.find(({ method }) => method === "POST") ?? all[0];
  if (form.value === BLANK && first !== undefined) void choose(first.operationId);
}

/** Fills in what a link names, as `createToken.authorize`. It is sent by nobody but the reader. */
async function chooseLinked(link: string): Promise<void> {
  const [operationId = "", example] = link.split(".");
  const operation = start.value?.operations.find((each) => each.operationId === operationId);
  if (operation === undefined || (example !== undefined && !operation.examples.includes(example))) {
    note.value = { text: say(panels.unknownExample, link), isRefusal: true };
  } else await choose(operationId, example);
}

/** The link that was filled in last, `undefined` for none. */
let filled: string | undefined | null = null;

/** Fills in what the address names, once: going back to it must not lose what was edited since. */
export function followLink(link: string | undefined): void {
  if (link === filled) return;
  filled = link;
  if (link === undefined) chooseFirst();
  else void chooseLinked(link);
}

/** Has the next link filled in, also where it is the one before. */
export function forgetLink(): void {
  filled = null;
}

async function sendAndShow(request: Draft): Promise<void> {
  const id = await ask({ action: "send", ...request });
  if (id !== undefined) go(`#/requests/${id}`);
}

/** Sends what is written. The sandbox decides whether it is right. */
export async function sendForm(): Promise<void> {
  const { method, path, body } = form.value;
  const read = readJson(body);
  if ("value" in read) await sendAndShow({ method, path, body: read.value });
  else if ("empty" in read) await sendAndShow({ method, path });
}

/** Sends the documented example, whatever is written. */
export async function sendExample(): Promise<void> {
  const { operation, example } = form.value;
  const made = await exampleOf(operation, example);
  if (made !== undefined) await sendAndShow(made);
}
