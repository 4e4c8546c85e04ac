// Why we keep our own engine instead of `redocly diff`, which is experimental in the pinned Redocly CLI (2.77.0). Both ran on the
// fixtures of test/scripts/diff-spec.test.ts: 69 changes, each forth and back. As it comes (`extends: diff-recommended`, with
// x-extensible-enum written as enum) it rates 28 of the 69 wrong in one direction or both, and reports a change of a shared schema at
// one place only. With 83 lines of ours around it ($refs and allOf written out, a path's parameters moved to its operations, limits,
// defaults and x- keys rated by us) 24 still fail. 11 of these are rated wrong: an enum that becomes open, a new value of an open enum,
// a new open enum, a change within anyOf, additionalProperties: false, a new required body, a new 2xx reply, a new media type of a
// reply, a reply header that becomes optional, an operation without security, another default server. Each would need one more rule of
// ours. And it runs as a process, half a second for each of the 2,656 comparisons of "no change of the spec goes unseen".
import { IDEMPOTENT, RESPONSE } from "../../spec/keys.js";
import { type Json, METHODS, OTHER_METHODS } from "../../spec/refs.js";
import { always, burden, flag, never, promise, TEXTS, unseen, value } from "./rules.js";
import { schema } from "./schema.js";
import { type At, type Change, map, object, objectOf, type Pair, type Rule, text } from "./walk.js";

/** Every difference between two OpenAPI 3.1 documents but `info.version`. */
export function compare(before: Json, after: Json): Iterable<Change> {
  const documents = [before, after] as const;
  const nowhere = { operation: "", status: "", place: "", pointer: "", key: "" };
  const at: At = { ...nowhere, documents, side: "request", holders: documents, above: [], known: new Map() };
  return openapi(before, after, at);
}

/** The operations of a document by method and path, and its notifications by event type. */
export function operationNames(document: Json): string[] {
  return [...Object.keys(operationsOf(document)), ...Object.keys(notificationsOf(document))];
}

const ifRequired = (_: string, { required }: Json) => (required === true ? "required" : undefined);
const mediaType = object({ ...TEXTS, schema });
const content = map(
  mediaType,
  (name, { place }) => (name === "application/json" ? {} : { place: `${place} (${name})`.trim() }),
  (_name, _value, { side }, before) =>
    side === "reply" && Object.keys(before).length > 0 ? "the reply may come in another form" : undefined,
);
const header = object({ ...TEXTS, required: flag, deprecated: value(never), schema, content });
const parameter = object({
  ...TEXTS,
  name: unseen,
  in: unseen,
  required: flag,
  deprecated: value(never),
  schema,
  content,
});
const requestBody = object({ ...TEXTS, required: flag, content });
const response = object({ ...TEXTS, content, headers: map(header, (name) => ({ place: `header ${name}` })) });
const security = map(unseen, (name) => ({ place: `security ${name}` }));

const operation = object({
  ...TEXTS,
  operationId: value(always, "sandbox.fail() and the operations table know the operation by it"),
  deprecated: value(never),
  parameters: map(parameter, (place) => ({ place }), ifRequired),
  requestBody: map(requestBody, (place) => ({ place }), ifRequired),
  responses: map(
    response,
    (status) => ({ status, side: "reply" }),
    (status) => (status.startsWith("2") ? "the result may have another shape" : undefined),
  ),
  security,
  [RESPONSE]: value(burden, "it says whether a reply can be trusted"),
  [IDEMPOTENT]: value(promise, "it says whether a write may be repeated"),
});

/** What WeChat Pay sends is like a response, and what it is answered like a request. */
const notification = object({
  ...TEXTS,
  operationId: value(never),
  deprecated: value(never),
  security,
  parameters: map(parameter, (place) => ({ place, side: "reply" })),
  requestBody: map(requestBody, (place) => ({ place, side: "reply" })),
  responses: map(response, (status) => ({ status, side: "request" })),
});

/** An operation that is new under one path and gone under another, by its operationId, has moved. */
const operations: Rule = function* (before, after, at) {
  const [old, now] = [before, after] as Pair<Record<string, Json>>;
  for (const one of map(operation, (name) => ({ operation: name }))(before, after, at)) {
    if (one.key !== at.key) {
      yield one;
      continue;
    }
    const [here, there, word] = Object.hasOwn(now, one.operation) ? [now, old, "was"] : [old, now, "now"];
    const id = here[one.operation]?.operationId;
    const other = Object.keys(there).find((name) => id !== undefined && there[name]?.operationId === id);
    yield other === undefined ? one : { ...one, why: `${word} ${other}` };
  }
};

const openapi = object(
  {
    ...TEXTS,
    info: object({ ...TEXTS, version: unseen, license: text, contact: text, termsOfService: text }),
    operations,
    notifications: map(notification, (name) => ({ operation: name })),
    servers: map(object({ ...TEXTS, url: unseen }), (url) => ({ place: `server ${url}` })),
    "default server": value(always),
    securitySchemes: map(object(TEXTS), (name) => ({ place: `security scheme ${name}` })),
  },
  // The other components are compared where a $ref names them.
  ({ paths, webhooks, servers = [], security, components, ...rest }, document) => ({
    ...rest,
    notifications: notificationsOf(document),
    securitySchemes: (components as Json | undefined)?.securitySchemes,
    operations: operationsOf(document),
    servers: Object.fromEntries((servers as Json[]).map((server) => [server.url, server])),
    "default server": (servers as Json[])[0]?.url,
  }),
);

const ALL_METHODS: readonly string[] = [...METHODS, ...OTHER_METHODS];

/** The operations by method and path, each with what it has from its path and from the document. */
function operationsOf(document: Json, items = document.paths): Json {
  const operations = Object.entries((items ?? {}) as Json).flatMap(([path, node]) => {
    const item = objectOf(node, document);
    const shared = Object.fromEntries(Object.entries(item).filter(([key]) => !ALL_METHODS.includes(key)));
    return ALL_METHODS.filter((method) => method in item).map((method) => [
      `${method.toUpperCase()} ${path}`,
      withShared(objectOf(item[method], document), shared, document),
    ]);
  });
  return Object.fromEntries(operations);
}

/** The notifications by event type, such as `notification TRANSACTION.SUCCESS`. */
function notificationsOf(document: Json): Json {
  const posts = Object.entries(operationsOf(document, document.webhooks ?? {}));
  return Object.fromEntries(posts.map(([name, post]) => [name.replace(/^POST/, "notification"), post]));
}

function withShared(own: Json, shared: Json, document: Json): Json {
  const parameters = [shared.parameters ?? [], own.parameters ?? []].flat().map((node) => {
    const { in: place, name } = objectOf(node, document);
    return [`${place} parameter ${name}`, node];
  });
  const security = ((own.security ?? document.security ?? []) as unknown[]).map((one) => [JSON.stringify(one), one]);
  return {
    ...shared,
    ...own,
    parameters: Object.fromEntries(parameters),
    requestBody: own.requestBody === undefined ? {} : { "request body": own.requestBody },
    security: Object.fromEntries(security.length > 0 ? security : [["none", {}]]),
  };
}
