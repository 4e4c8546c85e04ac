/**
 * Lints the spec, by the rules of redocly.yaml.
 *
 *   npm run lint:spec
 */
import { spawnSync } from "node:child_process";
import { redoclyCommand } from "./redocly.js";

const [program, args, options] = redoclyCommand("lint", "spec/openapi.yaml", "--lint-config=error");
process.exitCode = spawnSync(program, args, { ...options, stdio: "inherit" }).status ?? 1;
