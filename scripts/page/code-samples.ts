import { chainName, chainSegments } from "../../src/client/chain.js";

/** One call with the values that it is made with. */
export interface SampleCall {
  method: string;
  path: string;
  /** What the client is given, such as `{ params: { path }, body }`; absent where there is nothing to give. */
  init?: object;
}

/** As OpenAPI documents carry it in `x-codeSamples`. */
export interface CodeSample {
  lang: string;
  label: string;
  source: string;
}

/** The forms that a sample has, each a tab of the docs page. */
export const FORMS = [
  { lang: "typescript", label: "链式 Chain" },
  { lang: "typescript", label: "路径 Path" },
] as const;

/** The code panel is narrow. */
const COLUMNS = 80;

/** A call of our client in all its forms, as one would write it. Each is a module beside `wechatpay.ts`, which holds the client. */
export function codeSamples({ method, path, init }: SampleCall): CodeSample[] {
  const chain = [...chainSegments(path).map(chainName), method.toLowerCase()].map((name) =>
    isName(name) ? `.${name}` : `[${JSON.stringify(name)}]`,
  );
  const calls = [
    printCall(["wechatpay", ...chain], init === undefined ? [] : [init]),
    printCall(["wechatpay", `.${method.toUpperCase()}`], init === undefined ? [path] : [path, init]),
  ];
  return FORMS.map((form, i) => ({
    ...form,
    source: `import { unwrap } from "wechatpay-openapi-fetch";
import { wechatpay } from "./wechatpay.js";

${calls[i]}
console.log(unwrap(result));
`,
  }));
}

/** Steps go on the next line, and arguments on lines of their own, where they have no room. */
function printCall(steps: string[], args: unknown[]): string {
  const lines = [`const result = await ${steps[0]}`];
  for (const step of steps.slice(1)) {
    const line = lines.at(-1) + step;
    if (`${line}({`.length <= COLUMNS) lines[lines.length - 1] = line;
    else lines.push(`  ${step}`);
  }
  const indent = lines.length > 1 ? "  " : "";
  const before = args.slice(0, -1).map((arg) => JSON.stringify(arg));
  const head = `${lines.pop()}(${before.map((arg) => `${arg}, `).join("")}`;
  if (args.length > 1 && `${head}{`.length > COLUMNS) {
    const last = print(args.at(-1), "  ", "  ,".length);
    return `${head.slice(0, head.indexOf("(") + 1)}\n${[...before, last].map((arg) => `  ${arg},\n`).join("")});`;
  }
  const last = args.length > 0 ? print(args.at(-1), indent, `${head});`.length) : "";
  return [...lines, `${head}${last});`].join("\n");
}

/** A JSON value as TypeScript: on one line where the line has room beside the `taken` columns, and otherwise an entry a line. */
function print(value: unknown, indent: string, taken: number): string {
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
