import { useSignal } from "@preact/signals";
import { say } from "./language.js";
import { spoken } from "./store.js";
import { texts } from "./texts.js";

/** How long a button says that it has copied, in ms. */
const SAID_FOR = 2000;

interface CopyButtonProps {
  label: string;
  /** What a screen reader says of it, where the label is short. */
  name?: string;
  text: string | (() => string);
}

/** Copies a text, or what a function makes of the moment. */
export function CopyButton({ label, name = label, text }: CopyButtonProps) {
  const isDone = useSignal(false);
  async function copy() {
    await toClipboard(typeof text === "string" ? text : text());
    isDone.value = true;
    spoken.value = `${say(texts.copied)}: ${name}`;
    setTimeout(() => {
      isDone.value = false;
      spoken.value = "";
    }, SAID_FOR);
  }
  return (
    <button type="button" class={isDone.value ? "copy done" : "copy"} aria-label={name} onClick={copy}>
      {label}
    </button>
  );
}

async function toClipboard(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Pages that come over HTTP from another machine have no clipboard.
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
