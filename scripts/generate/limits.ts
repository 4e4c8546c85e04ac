// What OpenAPI can say and the client cannot do. Each is refused with its place and a way out, for otherwise the call would go out wrong.
import {
  goodReplies,
  isUpload,
  type Json,
  METHODS,
  OTHER_METHODS,
  type PlacedOperation,
  type Resolve,
  subschemas,
} from "../../spec/refs.js";
import { UPLOAD, uploadLimits } from "./uploads.js";

/** What the client would not do as an operation says, each in one sentence that starts with its place. */
export function limitsOf({ method, path, parameters, operation }: PlacedOperation<object>, resolve: Resolve): string[] {
  const { requestBody } = operation as Json;
  return [
    /^\/[^?#]*$/.test(path) ? undefined : "a path starts with / and has no query: describe that by parameters.",
    ...parameters.map((parameter) => parameterLimit(resolve(parameter), resolve)),
    ...requestLimits(method, resolve(requestBody), resolve),
    ...goodReplies(operation).flatMap((reply) => contentOf(resolve(reply)).map(([type]) => replyLimit(type))),
  ].filter((problem) => problem !== undefined);
}

/** The methods that the client does not have. */
export function methodLimits({ paths }: { paths: Record<string, object> }): string[] {
  const called = METHODS.map((each) => each.toUpperCase()).join(", ");
  return Object.entries(paths).flatMap(([path, item]) =>
    OTHER_METHODS.filter((method) => method in item).map(
      (method) => `${method.toUpperCase()} ${path} cannot be called: the client knows ${called}. Leave it out.`,
    ),
  );
}

/** A server with a path, which the client would leave out. */
export function serverLimits(holder: object): string[] {
  const { servers = [] } = holder as { servers?: { url?: string }[] };
  return servers.flatMap(({ url = "/" }) => {
    const { pathname } = new URL(url.replaceAll(/[{}]/g, ""), "https://x");
    if (pathname === "/") return [];
    return [
      `The server ${url} has a path, which the client would leave out: take it away there, and let each path of an operation start with ${pathname.replace(/\/$/, "")}.`,
    ];
  });
}

/** The serializations that the client has, by the place of the parameter. */
const STYLES: Record<string, string> = { path: "simple", query: "form", header: "simple" };

function parameterLimit(parameter: Json, resolve: Resolve): string | undefined {
  const place = String(parameter.in);
  const what = `the ${place} parameter ${parameter.name}`;
  const style = STYLES[place];
  if (style === undefined)
    return `${what} is refused, because the client sends path, query and header parameters only: leave it out.`;
  const byHand = "describe it as a text that callers write themselves";
  if (parameter.content !== undefined)
    return `${what} has \`content\`, which the client does not write: give it a \`schema\`, or ${byHand}.`;
  if (parameter.style !== undefined && parameter.style !== style)
    return `${what} has \`style: ${parameter.style}\`, and the client writes \`style: ${style}\` there: ${byHand}.`;
  if (parameter.allowReserved === true)
    return `${what} has \`allowReserved: true\`, but the client encodes every reserved character: leave that key out.`;
  const { lists, objects, items } = shapesOf(parameter.schema, resolve);
  if (objects)
    return `${what} is an object, which the client does not write: describe each of its properties as a parameter, or ${byHand}.`;
  if (!lists) return undefined;
  if (items) return `${what} is a list of lists or objects, which the client does not write: ${byHand}.`;
  if (place === "path") return `${what} is a list, which the client does not write there: ${byHand}.`;
  if (place === "query" && parameter.explode === false)
    return `${what} has \`explode: false\`, a list in one value. The client writes a list once for each item, as a=1&a=2: if the documents show that, write \`explode: true\`; otherwise ${byHand}.`;
  return undefined;
}

/** Whether a value may be a list or an object, and whether an item of it may be. */
function shapesOf(schema: unknown, resolve: Resolve): { lists: boolean; objects: boolean; items: boolean } {
  const found = { lists: false, objects: false, items: false };
  const seen = new Set<unknown>();
  (function visit(given: unknown, isItem: boolean) {
    const node = resolve(given);
    if (seen.has(node)) return;
    seen.add(node);
    const isList = [node.type].flat().includes("array") || "items" in node;
    const isObject = [node.type].flat().includes("object") || "properties" in node || "additionalProperties" in node;
    if (isItem) found.items ||= isList || isObject;
    else {
      found.lists ||= isList;
      found.objects ||= isObject;
    }
    for (const { schema: inner, segment } of subschemas(node)) visit(inner, isItem || segment !== "");
  })(schema, false);
  return found;
}

function requestLimits(method: string, body: Json, resolve: Resolve): string[] {
  const content = contentOf(body);
  if (method === "get" && content.length > 0)
    return ["it has a request body, and the client sends none with GET: describe its fields as query parameters."];
  if (content.length > 1 && content.some(([type]) => isUpload(type)))
    return ["its request body is an upload or something else, and the client sends one of them: describe that one."];
  return content.flatMap(([type, media]) => {
    if (type === "application/json") return [];
    if (type === UPLOAD) return uploadLimits(media as Json, resolve);
    const why = type.startsWith("application/x-www-form-urlencoded") ? ", as APIv3 has it, and no forms" : "";
    return [
      `its request body is ${type}, but the client sends JSON${why}: describe it as application/json, or leave it out.`,
    ];
  });
}

function replyLimit(type: string): string | undefined {
  return type.includes("*")
    ? `its response is ${type}, which does not say how to read it: name the media type, such as application/json.`
    : undefined;
}

function contentOf(body: Json): [string, unknown][] {
  return Object.entries((body.content ?? {}) as Json);
}
