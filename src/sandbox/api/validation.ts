import { Ajv2020, type ErrorObject, type Options, type ValidateFunction } from "ajv/dist/2020.js";
import type { Json } from "../../../spec/refs.js";
import { escapeSegment, valueAt } from "../../json-pointer.js";
import { parameterError } from "../server/refusals.js";

/** Checks a value by its schema. It throws what names the first value that the schema refuses: a request's is a 400 `PARAM_ERROR`. */
export type Check = (value: unknown) => void;

/** Strict mode would refuse the keys that OpenAPI adds; without `ownProperties` every body would seem to have a `constructor`. */
const AJV: Options = { strict: false, validateFormats: false, ownProperties: true };

/** The document's name in references. */
const DOCUMENT = "openapi:document";

/** The schemas of an OpenAPI document, made into checks. */
export class Validation {
  readonly #ajv: Ajv2020;
  readonly #ajvOfText: Ajv2020;

  /** The document is added once, for all schemas to refer to. As a part of each schema, it would be read once for each. */
  constructor(document: object) {
    this.#ajv = new Ajv2020(AJV).addSchema(document, DOCUMENT);
    // Parameters come as text, and "array" takes one value for a list of one.
    this.#ajvOfText = new Ajv2020({ ...AJV, coerceTypes: "array" }).addSchema(document, DOCUMENT);
  }

  ofBody(schema: object): Check {
    return compile(this.#ajv, schema, parameterErrorIn("body"));
  }

  /** Checks what a behaviour returns. */
  ofAnswer(schema: object): Check {
    const refuse: Refuse = (pointer, _, issue) =>
      new TypeError(`it returned what the spec refuses: ${pointer || "the body"} ${issue}.`);
    return compile(this.#ajv, schema, refuse);
  }

  /** Checks those of an operation's parameters that stand in one place, and converts each to the type of its schema. */
  ofParameters(parameters: Json[], place: "path" | "query"): Check {
    const here = parameters.filter((parameter) => parameter.in === place);
    const schema = {
      type: "object",
      properties: Object.fromEntries(here.map(({ name, schema }) => [name, schema ?? {}])),
      required: here.filter(({ required }) => required === true).map(({ name }) => name),
    };
    return compile(this.#ajvOfText, schema, parameterErrorIn(place === "path" ? "url" : "query"));
  }
}

type Refuse = (pointer: string, value: unknown, issue: string) => Error;
const parameterErrorIn =
  (location: "url" | "query" | "body"): Refuse =>
  (pointer, value, issue) =>
    parameterError(pointer, value, issue, location);

/** Compiles at the first check: most tests call a few operations. */
function compile(ajv: Ajv2020, schema: object, refuse: Refuse): Check {
  const inDocument = JSON.parse(JSON.stringify(schema), (key, value) =>
    key === "$ref" && typeof value === "string" && value.startsWith("#") ? DOCUMENT + value : value,
  );
  let validate: ValidateFunction | undefined;
  return (value) => {
    validate ??= ajv.compile(inDocument);
    if (validate(value)) return;
    const { pointer, issue } = firstViolation(validate.errors ?? []);
    throw refuse(pointer, valueAt(value, pointer), issue);
  };
}

function firstViolation(errors: ErrorObject[]): { pointer: string; issue: string } {
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
