import { $ } from "./dom.js";
import { faults, type Text, texts } from "./texts.js";

export type Language = keyof Text;
export type Key = keyof typeof texts;

const STORED = "wechatpay-sandbox-language";

let language: Language = (stored() ?? navigator.language).startsWith("zh") ? "zh" : "en";

export const currentLanguage = (): Language => language;

export const say = (text: Text, ...values: (string | number)[]) =>
  text[language].replace(/\{(\d)\}/g, (_, index) => String(values[Number(index)]));
export const t = (key: Key, ...values: (string | number)[]) => say(texts[key], ...values);

function stored(): string | undefined {
  try {
    return localStorage.getItem(STORED) ?? undefined;
  } catch {
    return undefined; // Where storage is blocked.
  }
}

export function storeLanguage(): void {
  try {
    localStorage.setItem(STORED, language);
  } catch {} // Where storage is blocked, it is not remembered.
}

/** Sets the language of all that index.html has. */
export function applyLanguage(to: Language): void {
  language = to;
  document.documentElement.lang = to === "zh" ? "zh-CN" : "en";
  document.title = t("title");
  $("language").lang = to === "zh" ? "en" : "zh-CN";
  for (const element of document.querySelectorAll<HTMLElement>("[data-text]"))
    element.textContent = t(element.dataset.text as Key);
  for (const element of document.querySelectorAll<HTMLElement>("[data-label]"))
    element.setAttribute("aria-label", t(element.dataset.label as Key));
  for (const option of document.querySelectorAll<HTMLOptionElement>("select option"))
    option.label = labelOf(option.value);
}

/** The label of an option: a fault or an operation. */
export function labelOf(value: string): string {
  if (value === "") return t("any");
  return Object.hasOwn(faults, value) ? `${value}: ${say(faults[value as keyof typeof faults])}` : value;
}

/** Local date and time in Sweden's form, which is that of ISO 8601. */
export function timeOf(time: Date): string {
  return time.toLocaleString("sv-SE");
}
