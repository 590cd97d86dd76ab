/**
 * Keeps what is shown in its place: what was shown before stays where it was, even if it is gone by now, and what is new
 * comes after it.
 */
export function heldOrder(shown: readonly string[], now: readonly string[]): readonly string[] {
  const places = new Set(shown);
  const added = now.filter((id) => !places.has(id));
  return added.length === 0 ? shown : [...shown, ...added];
}

/** How many entries of a list that begins with the newest came since it began with `first`. */
export function newer(ids: readonly string[], first: string | undefined): number {
  if (first === undefined) return ids.length;
  const at = ids.indexOf(first);
  return at < 0 ? ids.length : at;
}
