import { say } from "./language.js";
import { note, spoken } from "./store.js";
import { texts } from "./texts.js";

/** What was done last, or why it could not be; and what only a screen reader says. */
export function Note() {
  const told = note.value;
  return (
    <>
      <div role="status" class="spoken">
        {spoken.value}
      </div>
      <div role="status" id="note" class={told && (told.isRefusal ? "note refusal" : "note")}>
        {told && (
          <>
            <span>{told.text}</span>
            <button
              type="button"
              aria-label={say(texts.dismiss)}
              onClick={() => {
                note.value = undefined;
              }}
            >
              ✕
            </button>
          </>
        )}
      </div>
    </>
  );
}
