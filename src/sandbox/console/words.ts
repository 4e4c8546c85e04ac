import type { Exchange } from "../server/watchers.js";

/** How many characters a row has for its search, and of which values: numbers and names, no sentences. */
const LONGEST = 600;
const WORD = /^\S{2,64}$/;
/** The most values that are looked at: a batch has thousands. */
const MOST_VALUES = 200;
const REQUEST_ID = "Request-ID";

/** What a search looks through: `Request-ID`, and the values in both bodies, the first of them. */
export function wordsOf({ request, reply, delivery }: Exchange): string {
  const words = new Set<string>();
  for (const [name, value] of delivery.headers) if (name === REQUEST_ID) words.add(value);
  const answer = reply.replaced ?? reply;
  try {
    collect(request.body, words);
    // An error repeats what was sent, and a file is no words.
    if (answer.status < 400 && answer.type === undefined) collect(answer.plain ?? answer.body, words);
  } catch {
    // Somebody put a getter into it that throws: there is less to find.
  }
  return [...words].join(" ").toLowerCase().slice(0, LONGEST);
}

function collect(root: unknown, words: Set<string>): void {
  const waiting = [root];
  for (let seen = 0; seen < MOST_VALUES && waiting.length > 0; seen++) {
    const value = waiting.shift();
    if (Array.isArray(value)) waiting.push(...value.slice(0, MOST_VALUES));
    else if (typeof value === "object" && value !== null) waiting.push(...Object.values(value).slice(0, MOST_VALUES));
    else if (typeof value === "string" && WORD.test(value)) words.add(value);
  }
}
