// The responses of an operation; those that several operations share are described once.
import { type Json, operationsOf, type Resolve } from "../../spec/refs.js";
import { code, escaped, inline, prose } from "./html.js";
import { say, type Text } from "./languages.js";
import { panel, sample } from "./panel.js";
import { namedExamples } from "./samples.js";
import { type Document, fieldsOf, rows } from "./schema.js";
import { WORDS } from "./words.js";

/** A response that succeeds, with its fields. */
export function goodResponse(status: string, response: unknown, document: Document, label = WORDS.response): string {
  const node = document.resolve(response);
  const number = `<b class="status">${escaped(status)}</b>`;
  return `<h2>${inline(label)} ${number}</h2>${prose(node.description, document.routes)}${contentsOf(node, document)}`;
}

/** The other responses, a line each. */
export function otherResponses(responses: [status: string, response: unknown][], document: Document): string {
  const items = responses.map(([status, response]) => {
    const node = document.resolve(response);
    const link = document.shared.get(refOf(response))?.link;
    const number = `<b class="status">${escaped(status)}</b>`;
    const text = prose(node.description, document.routes);
    return `<li>${link ? `<a href="${escaped(link)}">${number}</a>${text}` : `${number}${text}${contentsOf(node, document)}`}</li>`;
  });
  return `<ul class="statuses">${items.join("")}</ul>`;
}

/** The examples of a response, for the panel beside it. */
export function exampleViews(status: string, response: unknown, document: Document): string {
  const media = Object.values((document.resolve(response).content ?? {}) as Record<string, Json>);
  const examples = media.flatMap((each) => namedExamples(each, document.resolve));
  if (examples.length === 0) return "";
  return `<h3>${inline(say`${WORDS.response} ${status}`)}</h3>${panel(examples.map(sample))}`;
}

/** A response or a header that is described once. */
export interface Shared {
  name: string;
  /** Its address. */
  link: string;
}

/** Headers, and responses other than success that several operations share, by what a `$ref` says. */
export function sharedOf({ paths, webhooks }: Json, resolve: Resolve): Map<string, Shared> {
  const uses = new Map<string, number>();
  const headers = new Map<string, string>();
  const look = (items: unknown, isShared: (status: string) => boolean) => {
    for (const { operation } of operationsOf<Json>({ paths: items }))
      for (const [status, response] of Object.entries((operation.responses ?? {}) as Json)) {
        const ref = refOf(response);
        if (isShared(status)) uses.set(ref, (uses.get(ref) ?? 0) + 1);
        for (const [name, header] of Object.entries((resolve(response).headers ?? {}) as Json))
          headers.set(refOf(header), name);
      }
  };
  look(paths, (status) => !status.startsWith("2"));
  look(webhooks, () => true);
  const responses = [...uses].filter(([, count]) => count > 1).map(([ref]) => [ref, ref.split("/").at(-1)] as const);
  const named = [...responses, ...headers].filter(([ref]) => ref !== "");
  return new Map(named.map(([ref, name = ""]) => [ref, { name, link: `#shared/${name}` }]));
}

/** What is shared, by its address. Fields that come again are described once. */
export function sharedParts(document: Document): Map<string, string> {
  const described = new Map<string, Shared>();
  const parts = [...document.shared].map(([ref, { name, link }]): [string, string] => {
    const id = escaped(link.slice(1));
    const node = document.resolve({ $ref: ref });
    if (ref.startsWith("#/components/headers/"))
      return [id, `<div id="${id}">${rows([{ ...node, name }], document)}</div>`];
    const fields = Object.values((node.content ?? {}) as Record<string, Json>).map(({ schema }) => refOf(schema));
    const first = fields.map((schema) => described.get(schema)).find((each) => each !== undefined);
    for (const schema of fields) if (schema !== "" && first === undefined) described.set(schema, { name, link });
    const contents = first
      ? `<p>${inline(WORDS.fieldsAbove)} <a href="${escaped(first.link)}">${escaped(first.name)}</a></p>`
      : contentsOf(node, document);
    const text = prose(node.description, document.routes);
    return [
      id,
      `<div id="${id}"><h2>${escaped(name)}</h2>${text}${contents}${exampleViews("", { $ref: ref }, document)}</div>`,
    ];
  });
  return new Map(parts);
}

export const refOf = (node: unknown) => String(Object(node).$ref ?? "");

/** The fields of a response, and its headers: by name only where they are shared. */
function contentsOf({ headers = {}, content = {} }: Json, document: Document): string {
  const all = Object.entries(headers as Json);
  const links = all.flatMap(([name, header]) => {
    const link = document.shared.get(refOf(header))?.link;
    return link ? [`<a href="${escaped(link)}">${code(name)}</a>`] : [];
  });
  const own = all.filter(([, header]) => !document.shared.has(refOf(header)));
  const bodies = Object.entries(content as Record<string, Json>).map(([type, { schema }]) => {
    const fields = fieldsOf(schema, document);
    const kind = type === "application/json" ? "" : `<p><small>${escaped(type)}</small></p>`;
    return kind + (fields || prose(document.resolve(schema).description, document.routes));
  });
  const label: Text = say`${WORDS.responseHeaders}${{ zh: "：", en: ": " }}`;
  return [
    ...bodies,
    links.length > 0 ? `<p class="headers">${inline(label)}${links.join(" ")}</p>` : "",
    rows(
      own.map(([name, header]) => ({ ...document.resolve(header), name })),
      document,
    ),
  ].join("");
}
