import { useCallback, useEffect, useRef, useState } from "react";

/** A card that has just come into view has not been read. */
const SEEN_AFTER_MILLIS = 1_000;

/** Nine tenths of a card: its text was readable. */
const VISIBLE_PART = 0.9;

/** Which of the elements were on the screen for a second or more, and still are. `name` is the attribute that identifies one. */
export function useOnScreen(name: string): {
  readonly seen: ReadonlySet<string>;
  readonly watch: (element: Element | null) => (() => void) | undefined;
} {
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const timers = useRef(new Map<string, ReturnType<typeof setTimeout>>());
  const observer = useRef<IntersectionObserver | null>(null);
  const change = useCallback((id: string, visible: boolean) => {
    clearTimeout(timers.current.get(id));
    timers.current.delete(id);
    const set = () =>
      setSeen((before) => {
        if (before.has(id) === visible) return before;
        const next = new Set(before);
        if (visible) next.add(id);
        else next.delete(id);
        return next;
      });
    if (visible) timers.current.set(id, setTimeout(set, SEEN_AFTER_MILLIS));
    else set();
  }, []);
  const watch = useCallback(
    (element: Element | null) => {
      if (!element || typeof IntersectionObserver === "undefined") return undefined;
      observer.current ??= new IntersectionObserver(
        (entries) => {
          for (const { target, intersectionRatio } of entries) {
            const id = target.getAttribute(name);
            if (id) change(id, intersectionRatio >= VISIBLE_PART);
          }
        },
        { threshold: VISIBLE_PART, rootMargin: `-${headerHeight()}px 0px 0px 0px` },
      );
      const watching = observer.current;
      watching.observe(element);
      const id = element.getAttribute(name);
      return () => {
        watching.unobserve(element);
        if (id) change(id, false);
      };
    },
    [name, change],
  );
  useEffect(
    () => () => {
      for (const timer of timers.current.values()) clearTimeout(timer);
      observer.current?.disconnect();
      observer.current = null;
    },
    [],
  );
  return { seen, watch };
}

/** What scrolls under the header is not on the screen. */
function headerHeight(): number {
  return Math.round(document.querySelector("#top")?.getBoundingClientRect().height ?? 0);
}
