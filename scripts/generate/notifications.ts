// Whether the entries of `webhooks` are notifications as the receiver gives them. What is described otherwise would be typed wrong.
import { SENSITIVE, sensitiveFields } from "../../spec/keys.js";
import { type Json, METHODS, OTHER_METHODS, type Resolve, resolver, subschemas } from "../../spec/refs.js";

/** What is wrong with each notification of a document, in one sentence that starts with its event type. */
export function notificationLimits(document: { webhooks?: unknown }): string[] {
  const resolve = resolver(document);
  return Object.entries((document.webhooks ?? {}) as Record<string, Json>).flatMap(([event, item]) => {
    const others = [...METHODS, ...OTHER_METHODS].filter((method) => method !== "post" && method in item);
    return [
      ...(others.length > 0
        ? [`has ${others.join(", ")}, but WeChat Pay sends notifications by POST: leave it out.`]
        : []),
      ...(item.post === undefined
        ? ["has no `post`: describe there what WeChat Pay sends."]
        : resourceLimits(item.post as Json, resolve)),
    ].map((limit) => `The notification ${event} ${limit}`);
  });
}

function resourceLimits(post: Json, resolve: Resolve): string[] {
  const content = resolve(post.requestBody).content as Record<string, Json> | undefined;
  const { schema } = content?.["application/json"] ?? {};
  const resources = partsOf(schema, resolve).flatMap((part) => ((part.properties ?? {}) as Json).resource ?? []);
  if (resources.length === 0)
    return ["has no JSON body with a `resource`: describe the notification as the receiver gives it, decrypted."];
  if (sensitiveFields(schema, resolve).length > 0)
    return [
      `has ${SENSITIVE} in it, but the receiver has no private key and decrypts no fields: take it away, and say in the description that callers decrypt the value.`,
    ];
  const isEncrypted = resources.some((one) =>
    partsOf(one, resolve).some(({ properties }) => "ciphertext" in Object(properties)),
  );
  return isEncrypted ? ["describes its `resource` encrypted: describe what is in it, as the receiver gives it."] : [];
}

/** A schema, and all that hold for the same value. */
function partsOf(schema: unknown, resolve: Resolve, above: readonly Json[] = []): Json[] {
  const node = resolve(schema);
  if (above.includes(node)) return [];
  const inner = [...subschemas(node)].filter(({ segment }) => segment === "");
  return [node, ...inner.flatMap((each) => partsOf(each.schema, resolve, [...above, node]))];
}
