import { Ajv2020, type ErrorObject, type Options, type ValidateFunction } from "ajv/dist/2020.js";
import type { Json } from "../../../spec/refs.js";
import { escapeSegment, valueAt } from "../../json-pointer.js";
import { once } from "../once.js";
import { explainViolation, type Form } from "../reasons/parameters.js";
import type { Reason } from "../reasons/words.js";
import { parameterError } from "../server/refusals.js";

/**
 * Checks a value by its schema. A refusal shows what is in its place in `shown`, where that is given.
 * @throws {Refusal} 400 `PARAM_ERROR` naming the first value that the schema refuses.
 */
export type Check = (value: unknown, shown?: unknown) => void;

/** The first thing in a value that its schema refuses. */
export interface Violation {
  /** The place, as a JSON pointer. */
  pointer: string;
  /** What is wrong there, such as `must be integer`. */
  issue: string;
  /** The same in plain words, beside what was sent. */
  words: Reason;
}
type Find = (value: unknown) => Violation | undefined;

/** Strict mode would refuse the keys that OpenAPI adds; without `ownProperties` every body would seem to have a `constructor`. */
const AJV: Options = { strict: false, validateFormats: false, ownProperties: true, verbose: true };

/** The document's name in references. */
const DOCUMENT = "openapi:document";

/** The schemas of an OpenAPI document, made into checks. */
export class Validation {
  readonly #ajv: () => Ajv2020;
  readonly #ajvOfText: () => Ajv2020;

  /** The document is added once, for all schemas to refer to. As a part of each schema, it would be read once for each. */
  constructor(document: object) {
    this.#ajv = once(() => new Ajv2020(AJV).addSchema(document, DOCUMENT));
    // Parameters come as text, and "array" takes one value for a list of one.
    this.#ajvOfText = once(() => new Ajv2020({ ...AJV, coerceTypes: "array" }).addSchema(document, DOCUMENT));
  }

  /** @param form of an upload, the file is a text that has its bytes as characters */
  ofBody(schema: object, form: Form = "json"): Check {
    return refusing(compile(this.#ajv, schema, form), "body");
  }

  /** Finds what is not as a schema of the document says. */
  violationOf(schema: object): Find {
    return compile(this.#ajv, schema, "json");
  }

  /** Checks those of an operation's parameters that stand in one place, and converts each to the type of its schema. */
  ofParameters(parameters: Json[], place: "path" | "query"): Check {
    const here = parameters.filter((parameter) => parameter.in === place);
    const schema = {
      type: "object",
      properties: Object.fromEntries(here.map(({ name, schema }) => [name, schema ?? {}])),
      required: here.filter(({ required }) => required === true).map(({ name }) => name),
    };
    return refusing(compile(this.#ajvOfText, schema, "text"), place === "path" ? "url" : "query");
  }
}

/** Compiles at the first check: most tests call a few operations. */
function compile(ajv: () => Ajv2020, schema: object, form: Form): Find {
  const inDocument = () =>
    JSON.parse(JSON.stringify(schema), (key, value) =>
      key === "$ref" && typeof value === "string" && value.startsWith("#") ? DOCUMENT + value : value,
    );
  const compiled = once<ValidateFunction>(() => ajv().compile(inDocument()));
  return (value) => {
    const validate = compiled();
    if (validate(value)) return undefined;
    const errors = validate.errors ?? [];
    return { ...firstViolation(errors), words: explainViolation(errors, form) };
  };
}

function refusing(find: Find, location: "url" | "query" | "body"): Check {
  return (value, shown = value) => {
    const violation = find(value);
    if (violation === undefined) return;
    const { pointer, issue, words } = violation;
    throw parameterError(pointer, valueAt(shown, pointer), issue, location, words);
  };
}

function firstViolation(errors: ErrorObject[]): Omit<Violation, "words"> {
  const [first] = errors;
  if (first === undefined) return { pointer: "", issue: "is invalid" };
  const { keyword, instancePath: pointer, params, message } = first;
  if (keyword === "required") {
    const names = errors.flatMap((error) => (error.keyword === "required" ? [error.params.missingProperty] : []));
    const issue =
      errors.at(-1)?.keyword === "anyOf" ? `at least one of ${names.join(", ")} is required` : "is required";
    return { pointer: pointer + escapeSegment(names[0]), issue };
  }
  if (keyword === "additionalProperties") {
    return { pointer: pointer + escapeSegment(params.additionalProperty), issue: "is not known" };
  }
  return { pointer, issue: keyword === "enum" ? `${message}: ${params.allowedValues.join(", ")}` : `${message}` };
}
