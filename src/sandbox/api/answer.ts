import { kindOf } from "../../checks.js";
import { type Content, type Example, JSON_TYPE } from "./example.js";
import { exactJson, withDigits } from "./json-body.js";
import type { Violation } from "./validation.js";

/**
 * Makes the good reply of what a behaviour returns.
 * @param violationOf what its JSON should be; absent where the spec has no schema
 */
export function answerer(status: number, content: Content, violationOf?: (json: unknown) => Violation | undefined) {
  const { [JSON_TYPE]: json, ...files } = status === 204 ? {} : content;
  const [file] = Object.keys(files);
  const described = [json ? "the JSON" : [], file ? `text or bytes (${file})` : []].flat().join(" or ");
  const wanted = described ? `${described} that the spec describes` : "nothing: the spec describes no body";

  /** @throws {TypeError} if it is not what the spec describes. */
  return (returned: unknown): Example => {
    if (!described && returned === undefined) return { status };
    if (file && typeof returned === "string") return { status, body: returned, type: file };
    if (file && isBytes(returned)) {
      return { status, body: new Uint8Array(returned), plain: `${returned.length} bytes`, type: file };
    }
    const body = json && exactJson(returned);
    if (body === undefined) throw new TypeError(`it must return ${wanted}; it returned ${kindOf(returned)}.`);
    const plain = JSON.parse(withDigits(body));
    const violation = violationOf?.(plain);
    if (violation === undefined) return { status, body, plain };
    throw new TypeError(`it returned what the spec refuses: ${violation.pointer || "the body"} ${violation.issue}.`);
  };
}

/** Not by `instanceof`: Jest's tests have classes of their own. */
const isBytes = (value: unknown): value is Uint8Array => kindOf(value) === "Uint8Array";
