import { inShort } from "../../../spec/choices.js";
import { type Described, examplesOf } from "../../../spec/examples.js";
import { isJson, type Json, operationsOf, resolver } from "../../../spec/refs.js";
import { isRecord } from "../../checks.js";
import type { OpenApiDocument } from "./document.js";
import { Validation, type Violation } from "./validation.js";

/** A notification that the document describes. */
export interface KnownNotification {
  /** The first example; without a `resource` where the document has none. */
  example(): { summary?: string; resource?: Json };
  /** What is not as the document says; undefined where all is. */
  violation(notification: object): Violation | undefined;
}

/** The notifications of documents, by event type: the entries of their `webhooks`. */
export function readNotifications(documents: readonly OpenApiDocument[]): ReadonlyMap<string, KnownNotification> {
  return new Map(documents.flatMap(readWebhooks));
}

function readWebhooks(document: OpenApiDocument): [string, KnownNotification][] {
  const whole = inShort(document);
  const resolve = resolver(whole);
  const validation = new Validation(whole);
  const posts = operationsOf<Json>({ paths: whole.webhooks }).filter(({ method }) => method === "post");
  return posts.map(({ path: eventType, operation }) => {
    const content = (resolve(operation.requestBody).content ?? {}) as Record<string, Described>;
    const [, media = {}] = Object.entries(content).find(([type]) => isJson(type)) ?? [];
    const example = () => {
      const [first] = examplesOf(media, resolve);
      return structuredClone(isRecord(first) ? first : {});
    };
    return [eventType, { example, violation: validation.violationOf((media.schema ?? {}) as object) }];
  });
}
