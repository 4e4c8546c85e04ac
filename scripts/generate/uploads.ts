// multipart/form-data as APIv3 has it: `meta`, whose text is signed, and `file`.
import { type Json, propertiesOf, type Resolve } from "../../spec/refs.js";
import type { MetaField } from "../../src/upload.js";

export const UPLOAD = "multipart/form-data";

/** What the client fills in. */
const FIELDS: MetaField[] = ["filename", "sha256"];
/** What OpenAPI can say of a part and the client does not do. */
const ENCODING = ["headers", "style", "explode", "allowReserved"];

/** The fields of an operation's `meta` that the client fills in; undefined where its body is no upload. */
export function filledIn(requestBody: unknown, resolve: Resolve): MetaField[] | undefined {
  const media = (resolve(requestBody).content as Record<string, Json> | undefined)?.[UPLOAD];
  if (media === undefined) return undefined;
  const meta = propertiesOf(propertiesOf(media.schema, resolve).meta, resolve);
  return FIELDS.filter((name) => name in meta);
}

/** What of an upload the client does not send as it is described. */
export function uploadLimits({ schema, encoding = {} }: Json, resolve: Resolve): string[] {
  const parts = propertiesOf(schema, resolve);
  const { file, meta, ...others } = parts;
  const limits: string[] = [];
  const problem = (what: string) => limits.push(`its request body is ${UPLOAD}, ${what}`);
  for (const name of Object.keys(others))
    problem(`and its part ${name} would not be sent: an upload of APIv3 has the parts meta and file. Leave it out.`);
  if (meta === undefined || isOther(resolve(meta), "object"))
    problem("whose text of the part meta is signed: describe meta as an object, such as one with filename and sha256.");
  if (file === undefined || isOther(resolve(file), "string"))
    problem("which has one file in the part file: describe it as `{ type: string, format: binary }`.");
  for (const [name, given] of Object.entries(encoding as Record<string, Json>)) {
    const key = ENCODING.find((each) => each in given);
    if (key !== undefined) problem(`and the client does not write the \`${key}\` of the part ${name}: leave it out.`);
    if (name === "meta" && given.contentType !== undefined && given.contentType !== "application/json")
      problem("and the client sends its part meta as application/json: leave `contentType` out.");
  }
  return limits;
}

/** Whether a schema has another type than this. */
function isOther({ type }: Json, wanted: string): boolean {
  return type !== undefined && type !== wanted;
}
