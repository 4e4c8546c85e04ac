// Redocly loads JavaScript only; the rules are TypeScript, in lint.ts.
import { tsImport } from "tsx/esm/api";

export default (await tsImport("./lint.ts", import.meta.url)).default;
