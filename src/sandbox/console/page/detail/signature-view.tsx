import { useSignal } from "@preact/signals";
import type { ShownExchange } from "../../messages.js";
import { CopyButton } from "../copy-button.js";
import { say } from "../language.js";
import { Fold, Section } from "../section.js";
import { LONGEST, shortened, visible } from "../text.js";
import { texts } from "../texts.js";
import { opensslCommand } from "./commands.js";
import { type ComparedLine, compare, differs, likenessOf, type Part } from "./comparison.js";
import { detailTexts, lineTexts } from "./texts.js";

/** What was signed and what was expected: in one, or side by side. */
export function SignatureView({ signature }: { signature: NonNullable<ShownExchange["signature"]> }) {
  const { signed, expected } = signature;
  const isWide = useSignal(false);
  const lines = compare(shortened(expected), signed === undefined ? undefined : shortened(signed));
  const isBoth = signed !== undefined && isWide.value;
  return (
    <Section
      title={say(signed === undefined ? detailTexts.expected : detailTexts.compared)}
      actions={
        <>
          {signed !== undefined && (
            <button
              type="button"
              class="small wide-only"
              aria-pressed={isWide.value}
              onClick={() => {
                isWide.value = !isWide.value;
              }}
            >
              {say(detailTexts.sideBySide)}
            </button>
          )}
          <CopyMessage message={expected} />
        </>
      }
    >
      <p>{inWords(lines, signed, expected)}</p>
      <Cut message={expected} />
      {isBoth ? (
        <div class="sides">
          <Side caption={say(detailTexts.signed)} lines={lines} of="signed" />
          <Side caption={say(detailTexts.expected)} lines={lines} of="expected" />
        </div>
      ) : (
        <Lines lines={lines} />
      )}
    </Section>
  );
}

/** The message of a request whose signature is right, or was not looked at. */
export function MessageToSign({ message }: { message: string }) {
  return (
    <Fold title={say(detailTexts.message)}>
      <div class="row">
        <CopyMessage message={message} />
      </div>
      <Cut message={message} />
      <Lines lines={compare(shortened(message))} />
    </Fold>
  );
}

/** Longer ones reach the page by their beginning, which is no message to sign. */
const LONGEST_MESSAGE = 200_000;

function CopyMessage({ message }: { message: string }) {
  if (message.length >= LONGEST_MESSAGE) return null;
  const command = opensslCommand(message);
  return (
    <>
      <CopyButton label={say(detailTexts.copyExpected)} text={message} />
      {command !== undefined && <CopyButton label={say(detailTexts.copyOpenssl)} text={command} />}
    </>
  );
}

function Cut({ message }: { message: string }) {
  return shortened(message).length === message.length ? null : <p class="cut">{say(texts.cut)}</p>;
}

/** What differs, as a sentence. */
function inWords(lines: ComparedLine[], signed: string | undefined, expected: string): string {
  if (signed === undefined) return say(detailTexts.unknownSigned);
  const ours = bodyOf(signed);
  const theirs = bodyOf(expected);
  const likeness = ours.length + theirs.length > LONGEST ? undefined : likenessOf(ours, theirs);
  const others = lines.filter((line) => differs(line) && !(likeness !== undefined && line.name === "body"));
  const names = others.map(({ name }) => say(lineTexts[name])).join(say(detailTexts.comma));
  return [
    likeness === "white-space" && spaceInWords(linesIn(ours), linesIn(theirs)),
    likeness === "spelling" && say(detailTexts.otherSpelling),
    names !== "" && say(detailTexts.differing, names),
  ]
    .filter(Boolean)
    .join(" ");
}

const bodyOf = (message: string) => message.split("\n").slice(4).join("\n").replace(/\n$/, "");

const spaceInWords = (ours: string, theirs: string) =>
  ours === theirs ? say(detailTexts.otherSpace) : say(detailTexts.sameJson, ours, theirs);

function linesIn(text: string): string {
  const { length } = text.split("\n");
  return say(length === 1 ? detailTexts.line : detailTexts.lines, length);
}

function Side({ caption, lines, of }: { caption: string; lines: ComparedLine[]; of: "signed" | "expected" }) {
  const own = (part: Part["of"]) => part === "both" || part === of;
  const shown = lines.map((line) => ({ ...line, parts: line.parts.filter((part) => own(part.of)) }));
  return (
    <figure>
      <figcaption>{caption}</figcaption>
      <Lines lines={shown} of={of} />
    </figure>
  );
}

/** Line by line, with numbers and names, and with line feeds that can be seen. */
function Lines({ lines, of }: { lines: ComparedLine[]; of?: "signed" | "expected" }) {
  return (
    <pre class="message">
      {lines.map(({ name, parts, end }, index) => (
        <span key={name} class="message-line">
          <span class="label">
            {index + 1} {say(lineTexts[name])}
          </span>
          <span>
            {parts.map((part, place) => (
              <Piece key={place} {...part} />
            ))}
            {end !== "neither" && (of === undefined || end === "both" || end === of) && <Piece of={end} text={"\n"} />}
            {parts.length === 0 && name === "body" && <span class="soft"> {say(detailTexts.isEmpty)}</span>}
          </span>
        </span>
      ))}
    </pre>
  );
}

function Piece({ of, text }: Part) {
  // Within a body, a line feed is seen and also breaks the line.
  const shown = text === "\n" ? "⏎" : visible(text).replaceAll("⏎", "⏎\n");
  if (of === "both") return <span>{shown}</span>;
  const isBlank = text.trim() === "";
  const Tag = of === "signed" ? "del" : "ins";
  return <Tag class={isBlank ? "blank" : undefined}>{isBlank ? shown.replaceAll(" ", "·") : shown}</Tag>;
}
