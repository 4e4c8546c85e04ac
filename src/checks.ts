/** Says what `option` should be, and never what it was: secrets get pasted into the wrong place. */
export function requireOption(option: string, fits: boolean, wanted: string, given: unknown): asserts fits {
  if (fits) return;
  const isNamed = given === null || (typeof given === "number" && !Number.isFinite(given));
  const kind = typeof given === "object" ? kindOf(given) : typeof given;
  const size = typeof given === "string" ? ` of ${given.length} characters` : "";
  const hint = kind === "Promise" ? ": is an await missing?" : ".";
  throw new TypeError(`${option} must be ${wanted}; given: ${isNamed ? given : kind}${size}${hint}`);
}

/** Refuses a name that is no option: a misspelt one would have no effect. */
export function refuseUnknown(what: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const name = JSON.stringify(unknown.slice(0, 40));
  throw new TypeError(`${name} is not an option of ${what}; it takes ${known.join(", ")}.`);
}

/** Refuses an option that is spelt differently, such as `serial_no`. Other unknown names pass: options may be spread from a larger object. */
export function refuseMisspelt(given: object, known: readonly string[]): void {
  const plain = (name: string) => name.toLowerCase().replace(/[_-]/g, "");
  for (const name of Object.keys(given)) {
    const meant = known.find((each) => plain(each) === plain(name));
    if (meant !== undefined && meant !== name) throw new TypeError(`${name} is written ${meant}.`);
  }
}

/** Whether `value` is an object whose fields are its own: JSON, spreading and `Object.entries` pass over those that it inherits. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (!["Object", "Module"].includes(kindOf(value))) return false;
  const base = Object.getPrototypeOf(value);
  if (base === null || Object.getPrototypeOf(base) === null) return true;
  const names: string[] = [];
  for (const name in value as object) names.push(name);
  return names.length > 0 && names.every((name) => Object.hasOwn(value as object, name));
}

/** What a value is: `Object`, `Array`, `Map`, … */
export const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** Whether a value is a text of this form. */
export const isText = (form: RegExp) => (value: unknown) => typeof value === "string" && form.test(value);

/** Whether a value is a text that UTF-8 can hold. */
export const isWellFormed = isText(/^\P{Cs}*$/u);
