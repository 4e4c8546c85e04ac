// Which descriptions are read. Anything else is refused in one line, before Redocly says what it thinks of it.
import { readFile } from "node:fs/promises";

/** What a document says of its format, such as `swagger` and `2.0`. */
interface Format {
  key: string;
  version: string;
}

/** @throws {Error} if the file says in plain sight that it is nothing this project reads */
export async function refuseOtherFormats(spec: string): Promise<void> {
  if (/^https?:/.test(spec)) return;
  const text = await readFile(spec, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      error.code === "ENOENT" ? `There is no file ${spec}.` : `${spec} cannot be read: ${error.message}.`,
    );
  });
  if (text.trim() === "") throw new Error(`${spec} is empty: is it saved?`);
  const format = formatOf(text);
  const fault = format ? faultOf(format) : /(openapi|swagger)["']?\s*:/.test(text) ? undefined : UNKNOWN;
  if (fault !== undefined) throw new Error(`${spec} ${fault}`);
}

const UNKNOWN = "is no OpenAPI description: one starts with `openapi: 3.1.0`.";

/** Why a format is not read, and what to do. */
function faultOf({ key, version }: Format): string | undefined {
  if (key === "swagger")
    return `is Swagger ${version}, and only OpenAPI 3.1 and 3.0 are read. Convert it first, such as by \`npx swagger2openapi my.yaml --outfile my.openapi.yaml\`.`;
  if (/^3\.[01]\.\d+$/.test(version)) return undefined;
  return /^3\.[01]$/.test(version)
    ? `says \`openapi: ${version}\`. Write the version in three numbers: \`openapi: ${version}.0\`.`
    : `is OpenAPI ${version}, and only OpenAPI 3.1 and 3.0 are read. Write it in 3.1, and \`openapi: 3.1.0\` at its start.`;
}

/** The format that a file states, where that is found without a parser of YAML. */
function formatOf(text: string): Format | undefined {
  try {
    const root = JSON.parse(text.replace(/^\uFEFF/, "")) as Record<string, unknown>;
    for (const key of ["swagger", "openapi"]) if (key in root) return { key, version: String(root[key]) };
  } catch {
    const [, key, version] = /^\uFEFF?["']?(swagger|openapi)["']?[ \t]*:[ \t]*["']?([\w.]+)/m.exec(text) ?? [];
    if (key !== undefined && version !== undefined) return { key, version };
  }
  return undefined;
}
