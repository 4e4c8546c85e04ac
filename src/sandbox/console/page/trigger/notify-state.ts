import { signal } from "@preact/signals";
import { remember, remembered } from "../remembered.js";

const STORED = "wechatpay-sandbox-notify-url";

/** What is written in "Send a notification". It outlives the view. `event_type` is `""` until one is chosen. */
export const form = signal({ url: remembered(STORED) ?? "http://127.0.0.1:3000/notify", event_type: "", resource: "" });

export const change = (some: Partial<typeof form.value>) => {
  form.value = { ...form.value, ...some };
};

export const rememberUrl = (url: string) => remember(STORED, url);
