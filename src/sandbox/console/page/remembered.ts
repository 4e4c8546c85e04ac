/** What this browser remembers; `undefined` where it does not, or storage is blocked. */
export function remembered(name: string): string | undefined {
  try {
    return localStorage.getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {} // Where storage is blocked, it is not remembered.
}
