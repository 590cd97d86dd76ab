import type { SSEEvent } from "../../client/index.js";

/** How many of each type there are, the types in the order of their words. */
export function countsByType(
  feed: readonly SSEEvent[],
  nameOf: (type: string) => string,
): readonly (readonly [type: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const { type } of feed) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => nameOf(a).localeCompare(nameOf(b)));
}

/**
 * The events that are not hidden and contain every word of the query.
 *
 * @param textOf all that is shown of an event
 */
export function found(
  feed: readonly SSEEvent[],
  query: string,
  hidden: ReadonlySet<string>,
  textOf: (event: SSEEvent) => string,
): readonly SSEEvent[] {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  return feed.filter((event) => {
    if (hidden.has(event.type)) return false;
    if (wanted.length === 0) return true;
    const text = textOf(event).toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
