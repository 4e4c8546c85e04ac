import { useSignal } from "@preact/signals";
import { Icon } from "./icon.js";
import { type JsonLine, linesOf, openedTo } from "./json-lines.js";
import { say } from "./language.js";
import { shortened, visible, visibleLines } from "./text.js";
import { texts } from "./texts.js";

/** How many lines are shown at first, and how many more by each press. */
const AT_FIRST = 1000;
/** The longest text of a value that is shown whole. */
const LONGEST_VALUE = 200;

/** A body: JSON in colours, or text. */
export function Body({ body, ...rest }: { body: unknown; decrypted?: readonly string[]; marked?: string | undefined }) {
  if (body === undefined || body === "") return <p class="none">{say(texts.noBody)}</p>;
  return typeof body === "string" ? <TextView text={body} /> : <JsonView value={body} {...rest} />;
}

/** Text as it is, with what cannot be seen made visible. */
export function TextView({ text }: { text: string }) {
  const shown = shortened(text);
  return (
    <>
      {shown.length < text.length && <p class="cut">{say(texts.cut)}</p>}
      <pre>{visibleLines(shown)}</pre>
    </>
  );
}

/**
 * @param decrypted JSON pointers of what was encrypted on the wire
 * @param marked that of the value which was refused
 */
function JsonView({
  value,
  decrypted = [],
  marked,
}: {
  value: unknown;
  decrypted?: readonly string[];
  marked?: string | undefined;
}) {
  const turned = useSignal<ReadonlyMap<string, boolean>>(openedTo(marked));
  const most = useSignal(AT_FIRST);
  const whole = useSignal<ReadonlySet<string>>(new Set());
  const lines = linesOf(value, turned.value, most.value + 1);
  const secret = new Set(decrypted);
  const turn = (line: JsonLine) => {
    turned.value = new Map(turned.value).set(line.pointer, line.isFolded === true);
  };
  return (
    <>
      <pre class="json">
        {lines.slice(0, most.value).map((line) => (
          <Line
            key={`${line.closes ?? ""}${line.pointer}`}
            line={line}
            isDecrypted={line.closes === undefined && secret.has(line.pointer)}
            isMarked={line.closes === undefined && line.pointer === marked}
            isWhole={whole.value.has(line.pointer)}
            onTurn={() => turn(line)}
            onWhole={() => {
              whole.value = new Set(whole.value).add(line.pointer);
            }}
          />
        ))}
      </pre>
      {lines.length > most.value && (
        <button
          type="button"
          onClick={() => {
            most.value += AT_FIRST;
          }}
        >
          {say(texts.showMore, AT_FIRST)}
        </button>
      )}
    </>
  );
}

interface LineProps {
  line: JsonLine;
  isDecrypted: boolean;
  isMarked: boolean;
  isWhole: boolean;
  onTurn(): void;
  onWhole(): void;
}

function Line({ line, isDecrypted, isMarked, isWhole, onTurn, onWhole }: LineProps) {
  const { depth, name, opens, closes, members = 0, isFolded, isLast } = line;
  const [open, close] = opens === "[" ? "[]" : "{}";
  return (
    <span class={isMarked ? "json-line marked" : "json-line"}>
      {opens !== undefined && members > 0 && (
        <button
          type="button"
          class="turn"
          aria-expanded={!isFolded}
          aria-label={say(isFolded ? texts.unfold : texts.fold)}
          onClick={onTurn}
        />
      )}
      <span class="json-text" style={{ paddingInlineStart: `${Math.min(depth, 60) * 1.2}em` }}>
        {name !== undefined && <span class="name">{visible(JSON.stringify(name))}: </span>}
        {opens === undefined && closes === undefined && (
          <Value value={line.value} isWhole={isWhole} onWhole={onWhole} />
        )}
        {opens !== undefined && open}
        {opens !== undefined && isFolded && members > 0 && <span class="soft"> {membersOf(opens, members)} </span>}
        {opens !== undefined && isFolded && close}
        {closes}
        {(opens === undefined || isFolded) && !isLast && ","}
        {isDecrypted && (
          <span class="unlocked">
            {" "}
            <Icon name="unlocked" label={say(texts.wasEncrypted)} />
          </span>
        )}
        {isMarked && <span class="soft"> ← {say(texts.offending)}</span>}
      </span>
    </span>
  );
}

function membersOf(opens: JsonLine["opens"], many: number): string {
  const [one, more] = opens === "[" ? [texts.item, texts.items] : [texts.field, texts.fields];
  return say(many === 1 ? one : more, many);
}

function Value({ value, isWhole, onWhole }: { value: JsonLine["value"] } & Pick<LineProps, "isWhole" | "onWhole">) {
  if (typeof value !== "string") return <span class="literal">{String(value)}</span>;
  const characters = value.length > LONGEST_VALUE && !isWhole ? value.slice(0, LONGEST_VALUE) : value;
  const shown = visible(JSON.stringify(shortened(characters)));
  if (characters === value) return <span class="string">{shown}</span>;
  return (
    <span class="string">
      {shown.slice(0, -1)}…"{" "}
      <button type="button" class="small" onClick={onWhole}>
        {say(texts.showAll, value.length)}
      </button>
    </span>
  );
}
