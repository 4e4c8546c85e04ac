import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CompilerOptions } from "typescript";
import { expect } from "vitest";
import { openAllInEditor } from "./language-service.js";

/** The code blocks of a page, as a reader would copy them. */
export async function blocksOf(page: string): Promise<string[]> {
  return Array.from((await readFile(page, "utf8")).matchAll(/^```ts\n(.*?)^```$/gms), ([, code = ""]) => code);
}

/** A page whose blocks are compiled and run, each as a file in a folder of its own. */
export interface Page {
  /** Where the blocks are. */
  folder: string;
  /** The only block that has this text. */
  blockWith(text: string): string;
  /** Checks the block's types, runs it, and gives what it exports. */
  // biome-ignore lint/suspicious/noExplicitAny: a block may export anything
  run(text: string): Promise<any>;
  /** Removes the folder. @throws if a block was never run */
  close(): Promise<void>;
}

/** How a page is opened. */
interface Opening {
  /** The start of the folder's name; its blocks import from the node_modules above it. Default `test/readme-`. */
  within?: string;
  /** Writes what the blocks import from beside them, such as one of the blocks. */
  beside?(page: Pick<Page, "folder" | "blockWith">): Promise<Record<string, string>>;
  /** Beside those of this project. */
  compilerOptions?: CompilerOptions;
  /** Whether each block is a project of its own, which takes longer: some packages change the types of others. */
  apart?: boolean;
}

export async function openPage(
  page: string,
  { within = "test/readme-", beside = async () => ({}), compilerOptions, apart = false }: Opening = {},
): Promise<Page> {
  const blocks = await blocksOf(page);
  const folder = await mkdtemp(within);
  const seen = new Set<string>();
  const fileOf = (code: string) => join(folder, `block-${blocks.indexOf(code)}.ts`);
  const blockWith = (text: string) => {
    const found = blocks.filter((code) => code.includes(text));
    if (found.length !== 1) throw new Error(`${found.length} blocks of ${page} have ${text}`);
    return found[0] as string;
  };
  for (const [name, code] of Object.entries(await beside({ folder, blockWith })))
    await writeFile(join(folder, name), code);
  const open = (some: string[]) =>
    openAllInEditor(Object.fromEntries(some.map((code) => [fileOf(code), code])), compilerOptions);
  const together = apart ? undefined : open(blocks);
  return {
    folder,
    blockWith,
    async run(text) {
      const code = blockWith(text);
      seen.add(code);
      const file = fileOf(code);
      expect((together ?? open([code])).errors(file)).toEqual([]);
      await writeFile(file, code);
      return import(/* @vite-ignore */ `../../${file}`);
    },
    async close() {
      await rm(folder, { recursive: true });
      expect([...seen].sort(), "a block that no test runs").toEqual(blocks.sort());
    },
  };
}
