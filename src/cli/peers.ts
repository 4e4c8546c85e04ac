import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** What some commands need and few users: packages beside this one, in the versions that the commands work with. */
export const PEERS = {
  "openapi-typescript": "7.13.x",
  typescript: "5.x",
  "@redocly/cli": "^2.71.0",
  "openapi-sampler": "1.7.x",
  marked: "18.x",
} as const;
export type Peer = keyof typeof PEERS;

/**
 * @param what the command, and the case in which it needs them
 * @throws {Error} that says how to install those which are not there, or in another version
 */
export function requirePeers(what: string, ...names: Peer[]): void {
  const found = names.map((name) => ({ name, version: versionOf(name) }));
  const unfit = found.filter(({ name, version }) => !fits(version, PEERS[name]));
  if (unfit.length === 0) return;
  const wanted = unfit.map(({ name }) => installable(name));
  const all = names.map(installable);
  const others = unfit.flatMap(({ name, version }) => (version === undefined ? [] : [`${name} ${version}`]));
  throw new Error(
    others.length === 0
      ? `${what} needs ${list(unfit.map(({ name }) => name))}, which this package does not bring along. Install what is missing:\n  npm install -D ${wanted.join(" ")}`
      : `${what} needs ${wanted.join(" ")}, and here is ${list(others)}. To leave that as it is, make a folder of its own, install this package there and beside it what it needs, and run the command there:\n  npm install -D ${all.join(" ")}`,
  );
}

/** A package as npm takes it in every shell: in that of Windows, a ^ would be lost. */
export function installable(name: Peer): string {
  return `${name}@${PEERS[name].replace(/^\^(\d+).*/, "$1.x")}`;
}

/** Whether a version is in a range of one of the two forms above. */
function fits(version: string | undefined, range: string): boolean {
  const [major, minor = 0] = range.replace("^", "").split(".").map(Number) as [number, number?];
  const [itsMajor, itsMinor] = (version ?? "").split(".").map(Number) as [number, number?];
  if (itsMajor !== major || itsMinor === undefined) return false;
  return range.startsWith("^") ? itsMinor >= minor : Number.isNaN(minor) || itsMinor === minor;
}

/** The version that is installed where this file is; undefined where there is none. */
function versionOf(name: Peer): string | undefined {
  try {
    const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  } catch {
    return undefined;
  }
}

function list(names: string[]): string {
  const last = names.at(-1) ?? "";
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${last}` : last;
}
