const two = (number: number) => String(number).padStart(2, "0");

/** Such as `2026-11-26`, in this machine's time zone. */
export function dateOf(at: number): string {
  const time = new Date(at);
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

/** Such as `22:25:16`. */
export function clockOf(at: number): string {
  const time = new Date(at);
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** Such as `22:25:16.375`. */
export const preciseOf = (at: number) => `${clockOf(at)}.${String(new Date(at).getMilliseconds()).padStart(3, "0")}`;

/** Such as `2026-11-26 22:25:16`. */
export const dateTimeOf = (at: number) => `${dateOf(at)} ${clockOf(at)}`;

/** A distance: `24 h`, `1 h 30 min`, `5 min`, `12 s`; without its sign. */
export function distanceOf(
  ms: number,
  { hours, minutes, seconds }: Record<"hours" | "minutes" | "seconds", string>,
): string {
  const all = Math.round(Math.abs(ms) / 1000);
  const [h, min, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const parts = [
    [h, hours],
    [min, minutes],
    [h === 0 ? s : 0, seconds],
  ] as const;
  return (
    parts
      .filter(([many]) => many > 0)
      .map(([many, unit]) => `${many} ${unit}`)
      .join(" ") || `0 ${seconds}`
  );
}
