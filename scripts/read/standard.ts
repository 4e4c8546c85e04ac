// What OpenAPI allows to be said in several ways is said in one, so that types, table, sandbox and docs read all of them alike.
import {
  goodReplies,
  isJson,
  isUpload,
  type Json,
  METHODS,
  operationsOf,
  type PlacedOperation,
  type Resolve,
  resolver,
} from "../../spec/refs.js";
import { chainName } from "../../src/client/chain.js";

/** These are no parameters, OpenAPI says, but have places of their own. */
const NO_PARAMETERS = ["accept", "content-type", "authorization"];

/** Changes a document into one that says the same, in the way that this project reads. */
export function standardize(document: Json): void {
  const resolve = resolver(document);
  placeItems(document, resolve);
  const paths = document.paths as Json;
  const placed = operationsOf<Json>({ paths });
  nameOperations(placed);
  for (const item of Object.values(paths) as Json[]) dropNoParameters(item, resolve);
  for (const each of placed) {
    const { operation } = each;
    dropNoParameters(operation, resolve);
    describePath(each, resolve);
    readDefault(operation);
    const { requestBody, responses = {} } = operation as { requestBody?: unknown; responses?: Json };
    for (const body of [requestBody, ...Object.values(responses)]) nameTypes(resolve(body));
  }
  for (const { operation } of operationsOf<Json>({ paths: document.webhooks }))
    nameTypes(resolve(operation.requestBody));
}

/** Puts the items of paths that stand among the components where they belong: no operation may stand in two places. */
function placeItems(document: Json, resolve: Resolve): void {
  for (const items of [document.paths, document.webhooks] as (Json | undefined)[]) {
    // A path without anything is null.
    for (const [name, given] of Object.entries(items ?? {})) {
      if (name.startsWith("x-")) continue;
      const item = resolve(given);
      const empty = METHODS.find((method) => item[method] === null);
      if (empty) throw new Error(`${empty.toUpperCase()} ${name} is empty in the spec: describe it, or leave it out.`);
      if (items) items[name] = { ...item };
    }
  }
  delete (document.components as Json | undefined)?.pathItems;
}

/** Gives a name to each operation that has none, such as `getV3RefundByRefundId`. */
function nameOperations(placed: PlacedOperation<Json>[]): void {
  const taken = new Set(placed.map(({ operation }) => operation.operationId));
  for (const { method, path, operation } of placed) {
    if (operation.operationId !== undefined) continue;
    const name = chainName(`${method}${path.replaceAll("{", "by-")}`);
    let free = name;
    for (let count = 2; taken.has(free); count++) free = `${name}${count}`;
    operation.operationId = free;
    taken.add(free);
  }
}

function dropNoParameters(holder: Json, resolve: Resolve): void {
  if (!Array.isArray(holder.parameters)) return;
  holder.parameters = holder.parameters.filter((parameter) => {
    const { in: place, name } = resolve(parameter);
    return place !== "header" || !NO_PARAMETERS.includes(String(name).toLowerCase());
  });
}

/** What a path names and nobody describes is a text. */
function describePath({ path, operation, parameters }: PlacedOperation<Json>, resolve: Resolve): void {
  const described = parameters.map(resolve).flatMap(({ in: place, name }) => (place === "path" ? [name] : []));
  const missing = [...path.matchAll(/\{([^{}]+)\}/g)]
    .map(([, name]) => name)
    .filter((name) => !described.includes(name));
  if (missing.length === 0) return;
  const added = missing.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }));
  operation.parameters = [operation.parameters ?? [], added].flat();
}

/** A `default` is every reply that has no entry of its own, so it is the good one where no other is. */
function readDefault(operation: Json): void {
  const responses = operation.responses as Json | undefined;
  if (responses?.default !== undefined && goodReplies({ responses }).length === 0)
    operation.responses = { "2XX": responses.default, ...responses };
}

/** `application/json; charset=utf-8` is JSON, and an upload's boundary is the client's to choose. */
function nameTypes(body: Json): void {
  for (const [is, plain] of [
    [isJson, "application/json"],
    [isUpload, "multipart/form-data"],
  ] as const) {
    const content = (body.content ?? {}) as Json;
    const names = Object.keys(content).filter(is);
    // Where two of them differ, nobody knows which is meant; the generator refuses that.
    if (names.length !== 1 || names[0] === plain) continue;
    const renamed = Object.entries(content).map(([type, media]) => [type === names[0] ? plain : type, media]);
    body.content = Object.fromEntries(renamed);
  }
}
