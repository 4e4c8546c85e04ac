/** What the sandbox's functions do to it. */
export type DeedName =
  | "authorize"
  | "authenticate"
  | "failTransfer"
  | "pay"
  | "finishRefund"
  | "confirm"
  | "advance"
  | "rotate"
  | "fail";
export interface Deed {
  deed: DeedName;
  given: Record<string, string | number>;
  at: number;
}

/** Says that a function did something. */
export type Did = (deed: DeedName, given: Record<string, string | number | undefined>) => void;
