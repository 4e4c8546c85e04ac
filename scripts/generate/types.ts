// schema.ts: the types by openapi-typescript, and what it does not know of our descriptions.
import openapiTS, {
  astToString,
  type OpenAPI3,
  type OpenAPITSOptions,
  type SchemaObject,
  type TransformNodeOptions,
  transformSchemaObject,
} from "openapi-typescript";
import ts from "typescript";
import { atLeastOneOf } from "../../spec/choices.js";
import { OPEN_ENUM } from "../../spec/keys.js";

const TYPES: OpenAPITSOptions = {
  // A default is the server's: it does not make a request's property required.
  defaultNonNullable: false,
  transform: (schema, options) => openEnum(schema) ?? atLeastOne(schema, options),
  postTransform: (type) => withoutUnknown(type),
};

// Every combination is made of the same few parts, so that an editor finds one declaration of each property and shows its docs.
const AT_LEAST_ONE = `/** \`T\` with at least one of the properties \`Keys\`. */
type AtLeastOne<T, Keys extends (keyof T)[]> = Omit<T, Keys[number]> & NotNone<T, Keys>;
type NotNone<T, Keys> = Keys extends [infer K extends keyof T, ...infer Rest]
  ? (Required<Pick<T, K>> & Some<T, Rest>) | ({ [Absent in K]?: undefined } & NotNone<T, Rest>)
  : never;
type Some<T, Keys> = Keys extends [infer K extends keyof T, ...infer Rest]
  ? (Required<Pick<T, K>> & Some<T, Rest>) | ({ [Absent in K]?: undefined } & Some<T, Rest>)
  : unknown;

`;

export async function schemaModule(document: OpenAPI3): Promise<string> {
  const types = astToString((await openapiTS(document, TYPES)).flatMap(namedOperations));
  return types.includes("AtLeastOne<") ? AT_LEAST_ONE + types : types;
}

/** Each operation as an interface of its own: an editor shows the name of one, and of a literal all that is in it. */
function namedOperations(node: ts.Node): ts.Node[] {
  if (!ts.isInterfaceDeclaration(node) || node.name.text !== "operations") return [node];
  const { factory } = ts;
  const made = new Map<string, ts.Node>();
  const members = node.members.map((member) => {
    const { name, type, questionToken } = member as ts.PropertySignature;
    if (!ts.isIdentifier(name) || !type || !ts.isTypeLiteralNode(type)) return member;
    const named = `${name.text.charAt(0).toUpperCase()}${name.text.slice(1)}Operation`;
    if (made.has(named)) return member;
    made.set(named, factory.createInterfaceDeclaration(node.modifiers, named, [], [], type.members));
    return factory.createPropertySignature([], name, questionToken, factory.createTypeReferenceNode(named));
  });
  return [...made.values(), factory.updateInterfaceDeclaration(node, node.modifiers, node.name, [], [], members)];
}

/** `properties` of which at least one is there. */
function atLeastOne(schema: SchemaObject, options: TransformNodeOptions): ts.TypeNode | undefined {
  const { anyOf, ...rest } = schema as { anyOf?: object[]; properties?: object };
  const keys = anyOf && atLeastOneOf({ anyOf });
  if (!keys?.every((key) => key in (rest.properties ?? {}))) return undefined;
  const { factory } = ts;
  const names = keys.map((key) => factory.createLiteralTypeNode(factory.createStringLiteral(key)));
  const whole = transformSchemaObject(rest as SchemaObject, options);
  return factory.createTypeReferenceNode("AtLeastOne", [whole, factory.createTupleTypeNode(names)]);
}

/** openapi-typescript makes a union of what `transform` returned and of `anyOf`, which it reads as `unknown`. Only the first is right. */
function withoutUnknown(type: ts.TypeNode): ts.TypeNode | undefined {
  const [made] = ts.isUnionTypeNode(type) ? type.types : [];
  const isOurs =
    made && ts.isTypeReferenceNode(made) && ts.isIdentifier(made.typeName) && made.typeName.text === "AtLeastOne";
  return isOurs ? made : undefined;
}

/** `x-extensible-enum`: an editor offers the known values, and any other text is taken, for the server may add values. */
function openEnum(schema: SchemaObject): ts.TypeNode | undefined {
  const values: unknown = (schema as Record<string, unknown>)[OPEN_ENUM];
  if (!Array.isArray(values)) return undefined;
  const { factory } = ts;
  const anyString = factory.createIntersectionTypeNode([
    factory.createKeywordTypeNode(ts.SyntaxKind.StringKeyword),
    factory.createTypeLiteralNode([]),
  ]);
  return factory.createUnionTypeNode([
    ...values.map((value) => factory.createLiteralTypeNode(factory.createStringLiteral(String(value)))),
    factory.createParenthesizedType(anyString),
  ]);
}
