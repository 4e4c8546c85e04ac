/** One call, and the values that are given to it. */
export interface SampleCall {
  method: string;
  path: string;
  /** The names that lead to it in the chain; absent where it has no place there. */
  place?: string[] | undefined;
  /** Such as `{ params: { path }, body }`; absent if there is nothing to give. */
  init?: object;
}

/** How a call is written: the three ways of our client. */
export type Form = "chain" | "byPath" | "byMethod";

/** As many as the page shows beside an operation, on a screen of 1,440 pixels. */
const COLUMNS = 64;

/** A value that is written in code: the content of a file that the caller has. */
export class FileContent {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A call in all its forms, as one would write it. Each is a module beside `wechatpay.ts`, which exports the client. */
export function codeSamples({ method, path, place, init }: SampleCall): Partial<Record<Form, string>> {
  const names = place?.map((name) => (isName(name) ? `.${name}` : `[${JSON.stringify(name)}]`));
  const args = init === undefined ? [] : [init];
  const calls: Partial<Record<Form, string>> = {
    ...(names && { chain: printCall(["wechatpay", ...names], args) }),
    byPath: printCall([propertyOf(JSON.stringify(path)), `.${method.toUpperCase()}`], args),
    byMethod: printCall(["wechatpay", `.${method.toUpperCase()}`], [path, ...args]),
  };
  return Object.fromEntries(
    Object.entries(calls).map(([form, call]) => [
      form,
      `${call.includes(READ) ? 'import { readFile } from "node:fs/promises";\n' : ""}import { unwrap } from "wechatpay-openapi-fetch";
import { wechatpay } from "./wechatpay.js";

${call}
console.log(unwrap(result));
`,
    ]),
  );
}

/** The handler of a notification. It is a module beside `keys.ts`, and has the types of the module `types`. */
export function receivingCode(eventType: string, types: string): string {
  return `import {
  acknowledge,
  createNotificationReceiver,
} from "wechatpay-openapi-fetch";
import type { webhooks } from ${JSON.stringify(types)};
import { apiV3Key, platformKeys } from "./keys.js";

const receive = createNotificationReceiver<webhooks>({
  apiV3Key,
  platformKeys,
});

export async function POST(request: Request) {
  const notification = await receive(request);
  if (notification.event_type === ${JSON.stringify(eventType)}) {
    console.log(notification.id, notification.resource);
  }
  return acknowledge();
}
`;
}

const START = "const result = await ";
const READ = "await readFile(";

/** The client's property of a path; one that does not fit stands on a line of its own. */
function propertyOf(key: string): string {
  const property = `wechatpay[${key}]`;
  return `${START}${property}.DELETE({`.length <= COLUMNS ? property : `wechatpay[\n  ${key}\n]`;
}

/** Steps that do not fit go on the next line, and arguments that do not fit on lines of their own. Formatters do not break the steps. */
function printCall(steps: string[], args: unknown[]): string {
  const lines = `${START}${steps[0]}`.split("\n");
  for (const step of steps.slice(1)) {
    const line = lines.at(-1) + step;
    if (`${line}({`.length <= COLUMNS) lines[lines.length - 1] = line;
    else lines.push(`  ${step}`);
  }
  const indent = lines.at(-1)?.startsWith(" ") ? "  " : "";
  const before = args.slice(0, -1).map((arg) => JSON.stringify(arg));
  const head = `${lines.pop()}(${before.map((arg) => `${arg}, `).join("")}`;
  if (args.length > 1 && `${head}{`.length > COLUMNS) {
    const last = print(args.at(-1), "  ", "  ,".length);
    return `${head.slice(0, head.indexOf("(") + 1)}\n${[...before, last].map((arg) => `  ${arg},\n`).join("")});`;
  }
  const last = args.length > 0 ? print(args.at(-1), indent, `${head});`.length) : "";
  return [...lines, `${head}${last});`].join("\n");
}

/** A JSON value as TypeScript: on one line if it fits beside the `taken` columns, and otherwise one entry per line. */
function print(value: unknown, indent: string, taken: number): string {
  if (value instanceof FileContent) return `${READ}${JSON.stringify(value.name)})`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const entries = Object.entries(value).map(([key, inner]) => ({
    name: isList ? "" : `${isName(key) ? key : JSON.stringify(key)}: `,
    inner,
  }));
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0) return open + close;
  const flat = entries.map(({ name, inner }) => name + print(inner, "", Number.NEGATIVE_INFINITY)).join(", ");
  const line = isList ? `[${flat}]` : `{ ${flat} }`;
  if (taken + line.length <= COLUMNS) return line;
  const deeper = `${indent}  `;
  const rows = entries.map(
    ({ name, inner }) => `${deeper}${name}${print(inner, deeper, deeper.length + name.length + ",".length)},\n`,
  );
  return `${open}\n${rows.join("")}${indent}${close}`;
}

function isName(text: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(text);
}
