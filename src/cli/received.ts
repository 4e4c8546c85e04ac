import type { ReceivedRequest } from "../sandbox/index.js";
import type { Language } from "./command.js";
import { paint, visible } from "./terminal.js";

/** A request as a line, and under it why it was refused, with the console's view of it. No query and no body: they may hold personal data. */
export function describe(request: ReceivedRequest, language: Language, link: string): string {
  const { method, path, status, verdict, fault, reason } = request;
  const out = process.stdout;
  const time = out.isTTY ? `${paint(out, "dim", new Date().toLocaleTimeString("sv"))} ` : "";
  const colour = verdict === "accepted" && fault === undefined ? "green" : status < 400 ? "yellow" : "red";
  const judged = paint(out, colour, `${status} ${verdict}${fault ? ` (${fault})` : ""}`);
  const line = `${time}${visible(`${method} ${path.split("?", 1)[0]}`)} → ${judged}`;
  return reason === undefined ? line : `${line}\n  ${visible(reason[language])} ${paint(out, "dim", link)}`;
}
