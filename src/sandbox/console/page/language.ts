import { effect, signal } from "@preact/signals";
import type { Text } from "../messages.js";
import { texts, units } from "./texts.js";
import { distanceOf } from "./time.js";

export type Language = keyof Text;

const STORED = "wechatpay-sandbox-language";

export const language = signal<Language>((stored() ?? navigator.language).startsWith("zh") ? "zh" : "en");

effect(() => {
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
  document.title = texts.title[language.value];
});

/** A text in the page's language. The first value goes where `{0}` is. */
export const say = (text: Text, ...values: (string | number)[]) =>
  text[language.value].replace(/\{(\d)\}/g, (_, index) => String(values[Number(index)]));

function stored(): string | undefined {
  try {
    return localStorage.getItem(STORED) ?? undefined;
  } catch {
    return undefined; // Where storage is blocked.
  }
}

export function setLanguage(to: Language): void {
  language.value = to;
  try {
    localStorage.setItem(STORED, to);
  } catch {} // Where storage is blocked, it is not remembered.
}

/** A distance of time, without its sign. */
export const distance = (ms: number) => distanceOf(ms, units[language.value]);
