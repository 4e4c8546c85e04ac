import { el } from "./dom.js";

/** The longest list that stays open. */
const FEW = 10;

export function section(title: string, ...content: Node[]): Node[] {
  return [el("section", {}, el("h3", {}, title), ...content)];
}

/** A long list is closed at first. */
export function folded(content: HTMLElement, length: number, summary: string): HTMLElement {
  return length <= FEW ? content : el("details", {}, el("summary", {}, summary), content);
}
