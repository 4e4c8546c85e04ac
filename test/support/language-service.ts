import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

// The platform's types are parsed once for all the files that a test opens.
let versions = 0;
const registry = ts.createDocumentRegistry();
const root = fileURLToPath(new URL("../../", import.meta.url));

/** What an editor would say of a file in this project. */
export interface Editor {
  /** The errors, as text: of the first file, or of another that is open. */
  errors(path?: string): string[];
  /** The hover over the first occurrence of `text`, after `after` if given. */
  hover(text: string, after?: string): string;
}

/** What the language service asks of an editor that has files open: `texts`, path → text, of which each is of the same `version`. */
export function hostOf(
  folder: string,
  texts: ReadonlyMap<string, string>,
  options: ts.CompilerOptions,
  version: () => number,
): ts.LanguageServiceHost {
  return {
    getCompilationSettings: () => options,
    getScriptFileNames: () => [...texts.keys()],
    getScriptVersion: (name) => (texts.has(name) ? String(version()) : "1"),
    getScriptSnapshot: (name) => {
      const text = texts.get(name) ?? ts.sys.readFile(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => texts.has(name) || ts.sys.fileExists(name),
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  };
}

/** Opens `source` as the file `path` of the project in TypeScript's language service, the same that tsserver runs. */
export function openInEditor(source: string, path = "test/in-editor.ts"): Editor {
  return openAllInEditor({ [path]: source });
}

/** Opens several files, path → source, which is much faster than one after another: the types that they share are checked once. */
export function openAllInEditor(sources: Record<string, string>, more: ts.CompilerOptions = {}): Editor {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const options = { ...ts.parseJsonConfigFileContent(config, ts.sys, root).options, ...more };
  const texts = new Map(Object.entries(sources).map(([path, source]) => [resolve(root, path), source]));
  const [[first, firstSource] = ["", ""]] = texts;
  const version = ++versions;
  const service = ts.createLanguageService(
    hostOf(root, texts, options, () => version),
    registry,
  );
  return {
    errors(path = first) {
      const file = resolve(root, path);
      return [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)].map(
        ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"),
      );
    },
    hover(text, after = "") {
      const position = firstSource.indexOf(text, firstSource.indexOf(after) + after.length);
      if (position < 0) throw new Error(`${text} is not in the source`);
      const info = service.getQuickInfoAtPosition(first, position);
      const tags = info?.tags?.map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`) ?? [];
      return [ts.displayPartsToString(info?.displayParts), ts.displayPartsToString(info?.documentation), ...tags].join(
        "\n",
      );
    },
  };
}
