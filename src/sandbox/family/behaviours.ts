import type { components, paths } from "../../../generated/schema.js";
import type { OperationInput } from "../api/operation.js";

export type Schemas = components["schemas"];

type Names<Path extends keyof paths> = Path extends unknown
  ? `${Uppercase<Extract<{ [M in keyof paths[Path]]-?: paths[Path][M] extends object ? M : never }[keyof paths[Path]], "get" | "post">>} ${Path}`
  : never;

/**
 * What operations answer, by method and path: the body of the good reply, or a promise of it. Not by operationId, which another
 * API's operation may have as well.
 */
export type Behaviours = { [Name in Names<keyof paths>]?: (input: OperationInput) => unknown };
