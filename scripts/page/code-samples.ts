/** One call, and the values that are given to it. */
export interface SampleCall {
  method: string;
  path: string;
  /** The names that lead to it in the chain; absent where it has no place there. */
  place?: string[] | undefined;
  /** Such as `{ params: { path }, body }`; absent if there is nothing to give. */
  init?: object;
}

/** An item of an operation's `x-codeSamples`. */
export interface CodeSample {
  lang: string;
  label: string;
  source: string;
}

/** The forms of a sample. The page offers them as languages. */
export const FORMS = [
  { lang: "typescript", label: "链式 Chain" },
  { lang: "typescript", label: "路径 Path" },
  { lang: "typescript", label: "属性 Property" },
] as const;

/** As many as the code panel of the page shows. */
const COLUMNS = 80;

/** A value that is written in code: the content of a file that the caller has. */
export class FileContent {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A call in all its forms, as one would write it. Each is a module beside `wechatpay.ts`, which exports the client. */
export function codeSamples({ method, path, place, init }: SampleCall): CodeSample[] {
  const chain = place?.map((name) => (isName(name) ? `.${name}` : `[${JSON.stringify(name)}]`));
  const calls = [
    chain && printCall(["wechatpay", ...chain], init === undefined ? [] : [init]),
    printCall(["wechatpay", `.${method.toUpperCase()}`], init === undefined ? [path] : [path, init]),
    printCall([propertyOf(JSON.stringify(path)), `.${method.toUpperCase()}`], init === undefined ? [] : [init]),
  ];
  const readsFile = calls.some((call) => call?.includes(READ));
  const imports = readsFile ? 'import { readFile } from "node:fs/promises";\n' : "";
  const samples = FORMS.map((form, i) => ({ form, call: calls[i] })).filter(({ call }) => call !== undefined);
  return samples.map(({ form, call }) => ({
    ...form,
    source: `${imports}import { unwrap } from "wechatpay-openapi-fetch";
import { wechatpay } from "./wechatpay.js";

${call}
console.log(unwrap(result));
`,
  }));
}

/** The handler of a notification. It is a module beside `keys.ts` and the generated `api/`. */
export function receivingCode(eventType: string): string {
  return `import {
  acknowledge,
  createNotificationReceiver,
} from "wechatpay-openapi-fetch";
import type { webhooks } from "./api/schema.js";
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
