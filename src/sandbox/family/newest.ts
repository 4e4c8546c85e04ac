/** The last entries of a map, the newest first. */
export function newest<Key, Value>(map: ReadonlyMap<Key, Value>, most: number): [Key, Value][] {
  return [...map].slice(-most).reverse();
}
