// An operation or a notification as a part of the page.
import { IDEMPOTENT, isUnsigned, sensitiveFields } from "../../spec/keys.js";
import { goodReplies, type Json, type PlacedOperation } from "../../spec/refs.js";
import { parsePointer } from "../../src/json-pointer.js";
import { filledIn } from "../generate/uploads.js";
import { receivingCode } from "./code-samples.js";
import { code, escaped, inline, isLink, markdown, prose, slugOf, title } from "./html.js";
import { apart, both, type Text } from "./languages.js";
import { codeView, panel, sample } from "./panel.js";
import { exampleViews, goodResponse, otherResponses } from "./responses.js";
import { jsonOf, namedExamples, type PageOperation, samplesOf } from "./samples.js";
import { choiceOf, type Document, fieldsOf, rows } from "./schema.js";
import { encrypted, repeatable, upload, WORDS } from "./words.js";

/** A part of the page that is shown alone. */
export interface Section {
  /** Its address, after `#`. */
  id: string;
  title: Text;
  html: string;
  /** What stands before its title in the menu, such as `POST`. */
  badge?: Text;
}

export const idOf = (name: string) => `operation/${name}`;

/** @param place the names of the chain that lead to the operation */
export function operationSection(each: PageOperation, place: string[] | undefined, document: Document): Section {
  const { operation, method, path } = each;
  const { operationId } = operation;
  const samples = samplesOf(each, place, document.resolve).map((one) => ({
    ...one,
    // As the sandbox's console calls it.
    send: [operationId, one.name].filter(Boolean).join("."),
  }));
  const badge = both(method.toUpperCase());
  const where = `${code(path)} <code class="id">${escaped(operationId)}</code>`;
  const replies = Object.entries(operation.responses ?? {});
  const isGood = ([status]: [string, unknown]) => /^2/.test(status) || (status === "default" && replies.length === 1);
  const good = replies.filter(isGood);
  const others = replies.filter((reply) => !isGood(reply));
  const responses = good.map(([status, response]) => goodResponse(status, response, document));
  const examples = good.map(([status, response]) => exampleViews(status, response, document));
  return section(
    operation,
    document,
    { id: operationId, badge, where, marks: marksOf(operation, document) },
    {
      before: [...parametersOf(each, document), ...responses],
      after: others.length > 0 ? `<h2>${inline(WORDS.responses)}</h2>${otherResponses(others, document)}` : "",
      beside: panel(samples) + examples.join(""),
    },
  );
}

export function notificationSection(
  { path: eventType, operation }: PlacedOperation<Json>,
  types: string,
  document: Document,
): Section {
  const media = jsonOf(operation.requestBody, document.resolve);
  const bodies = namedExamples(media, document.resolve).map(sample);
  const receiver = codeView("ts", both(receivingCode(eventType, types)));
  const id = String(operation.operationId ?? eventType);
  const about = { id, badge: WORDS.notification, where: code(eventType), marks: [WORDS.received] };
  const replies = Object.entries((operation.responses ?? {}) as Json);
  return section(operation, document, about, {
    before: bodyOf(operation, document),
    after: replies.length > 0 ? `<h2>${inline(WORDS.answers)}</h2>${otherResponses(replies, document)}` : "",
    beside: `<h3>${inline(WORDS.receive)}</h3>${receiver}${panel(bodies)}`,
  });
}

function section(
  operation: Json,
  { routes }: Document,
  { id, badge, where, marks }: { id: string; badge: Text; where: string; marks: Text[] },
  { before, after, beside }: { before: string[]; after: string; beside: string },
): Section {
  const { above, below, folded } = partsOf(String(operation.description ?? ""));
  const rules = below.map((part) => {
    const [label = "", ...text] = part.split("\n");
    const name = title(label.replaceAll("**", "").trim());
    return { name, id: `${idOf(id)}/${slugOf(name)}`, html: prose(text.join("\n"), routes) };
  });
  const links = rules.map((rule) => `<a href="#${escaped(rule.id)}">↓ ${inline(rule.name)}</a>`);
  // Below the text, on a narrow screen.
  const samples = `${idOf(id)}/samples`;
  const heading = title(operation.summary ?? id);
  const { url, description = url } = (operation.externalDocs ?? {}) as Json;
  const official = isLink(url)
    ? `<p><a href="${escaped(url)}" rel="noreferrer">${inline(title(description))}</a></p>`
    : "";
  const kind = escaped(badge.en.toLowerCase());
  const html = `<header><h1>${inline(heading)}</h1><p><b class="badge ${kind}">${inline(badge)}</b> ${where}</p></header>
<div class="columns"><div class="text">${[
    prose(above, routes),
    `<p class="jump">${links.join("")}<a class="samples" href="#${escaped(samples)}">${inline(WORDS.samples)}</a></p>`,
    marks.length > 0
      ? `<ul class="marks">${marks.map((mark) => `<li>${markdown(mark, routes)}</li>`).join("")}</ul>`
      : "",
    official,
    ...before,
    ...rules.map(({ name, id, html }) => `<h2 id="${escaped(id)}">${inline(name)}</h2>${html}`),
    after,
    prose(folded, routes),
  ].join("")}</div><div class="code" id="${escaped(samples)}">${beside}</div></div>`;
  return { id: idOf(id), title: heading, html, badge };
}

/** As many characters of English as leave the first fields on a screen of 900 pixels. */
const ABOVE = 620;
const LABEL = /^(?=\*\*[^*\n]+\*\*\s*$)/m;

/** What a description says before the fields; the parts with a label of their own that follow them; and what is folded at its end. */
function partsOf(description: string): { above: string; below: string[]; folded: string } {
  const [said = "", ...folded] = description.split(/^(?=<details>)/m);
  const [opening = "", ...labelled] = said.split(LABEL);
  let [above, room] = [opening, ABOVE - apart(opening).en.length];
  let first = 0;
  for (const part of labelled) {
    room -= apart(part).en.length;
    if (room < 0) break;
    above += part;
    first += 1;
  }
  return { above, below: labelled.slice(first), folded: folded.join("") };
}

function parametersOf({ operation, parameters }: PageOperation, document: Document): string[] {
  const all = parameters.map(document.resolve);
  const [path, query, header, cookie] = (["path", "query", "header", "cookie"] as const).map((place) => {
    const html = rows(
      all.filter((each) => each.in === place),
      document,
    );
    return html === "" ? "" : `<h2>${inline(WORDS[place])}</h2>${html}`;
  }) as [string, string, string, string];
  return [path, query, ...bodyOf(operation, document), header, cookie];
}

function bodyOf(operation: Json, document: Document): string[] {
  const body = document.resolve(operation.requestBody);
  return Object.entries((body.content ?? {}) as Record<string, Json>).map(([type, { schema }]) => {
    const kind = type === "application/json" ? "" : ` <small>${escaped(type)}</small>`;
    const choice = choiceOf(document.resolve(schema), document.routes);
    return `<h2>${inline(WORDS.request)}${kind}</h2>${prose(body.description, document.routes)}${choice}${fieldsOf(schema, document)}`;
  });
}

/** What our keys say about an operation, in words. */
function marksOf(operation: Json, { resolve }: Document): Text[] {
  const fields = (bodies: unknown[]) =>
    sensitiveFields({ anyOf: bodies.map((body) => jsonOf(body, resolve).schema) }, resolve);
  const at = { request: fields([operation.requestBody]), response: fields(goodReplies(operation)) };
  const number = parsePointer(String(operation[IDEMPOTENT] ?? "")).join(".");
  const uploaded = filledIn(operation.requestBody, resolve);
  const marks = [
    at.request.length + at.response.length > 0 && encrypted(at),
    number !== "" && repeatable(number),
    uploaded !== undefined && upload(uploaded),
    isUnsigned(operation) && WORDS.unsigned,
  ];
  return marks.filter((mark) => mark !== false);
}
