import { existsSync, readFileSync } from "node:fs";

const folder = new URL("../../../shared/vectors/", import.meta.url);

/** Whether the vectors that other SDKs published lie beside this repository, in `../shared/vectors`; they are not ours to copy. */
export const isHere = existsSync(folder);

/** Title of the tests that need them. */
export const title = isHere
  ? "vectors published by other SDKs"
  : "vectors published by other SDKs: ../shared/vectors is not here";

/** Whether the folder has this file: not every copy of it has all. */
export const hasFile = (file: string) => existsSync(new URL(`${file}.json`, folder));

/** The vectors of a file, of these kinds; none where the folder is missing. */
export function vectors<Vector>(file: string, ...kinds: string[]): Vector[] {
  const all: (Vector & { kind: string })[] = isHere ? read(file).vectors : [];
  return all.filter(({ kind }) => kinds.includes(kind));
}

/** A key of keys.json. */
export interface PublishedKey {
  privateKeyPkcs8?: string;
  privateKeyPkcs1?: string;
  publicKeySpki?: string;
  publicKeyPkcs1?: string;
  certificates?: { pem: string; serial: string }[];
}

/** keys.json: keys by name; none where the folder is missing. */
export const keys: Record<string, PublishedKey> = isHere ? read("keys").keys : {};

function read(file: string) {
  return JSON.parse(readFileSync(new URL(`${file}.json`, folder), "utf8"));
}
