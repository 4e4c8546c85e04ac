import { fileURLToPath } from "node:url";
import ts from "typescript";

// The platform's types are parsed once for all the files that a test opens.
let versions = 0;
const registry = ts.createDocumentRegistry();
const root = fileURLToPath(new URL("../../", import.meta.url));

/** What an editor would say of a file in this project. */
export interface Editor {
  /** The errors, as text. */
  errors(): string[];
  /** The hover over the first occurrence of `text`, after `after` if given. */
  hover(text: string, after?: string): string;
}

/** What the language service asks of an editor that has one file open, whose text and version `current` tells. */
export function hostOf(
  folder: string,
  file: string,
  options: ts.CompilerOptions,
  current: () => { text: string; version: number },
): ts.LanguageServiceHost {
  return {
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: (name) => (name === file ? String(current().version) : "1"),
    getScriptSnapshot: (name) => {
      const text = name === file ? current().text : ts.sys.readFile(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  };
}

/** Opens `source` as the file `path` of the project in TypeScript's language service, the same that tsserver runs. */
export function openInEditor(source: string, path = "test/in-editor.ts"): Editor {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const file = `${root}${path}`;
  const version = ++versions;
  const host = hostOf(root, file, options, () => ({ text: source, version }));
  const service = ts.createLanguageService(host, registry);
  return {
    errors: () =>
      [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)].map(({ messageText }) =>
        ts.flattenDiagnosticMessageText(messageText, "\n"),
      ),
    hover(text, after = "") {
      const position = source.indexOf(text, source.indexOf(after) + after.length);
      if (position < 0) throw new Error(`${text} is not in the source`);
      const info = service.getQuickInfoAtPosition(file, position);
      const tags = info?.tags?.map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`) ?? [];
      return [ts.displayPartsToString(info?.displayParts), ts.displayPartsToString(info?.documentation), ...tags].join(
        "\n",
      );
    },
  };
}
