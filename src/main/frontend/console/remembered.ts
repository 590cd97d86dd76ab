import { useCallback, useSyncExternalStore } from "react";

const listeners = new Set<() => void>();

/** A value that this browser remembers, the same in all its tabs. */
export function useRemembered(name: string, initial: string): [string, (value: string) => void] {
  const key = `samband.${name}`;
  const value = useSyncExternalStore(subscribe, () => readRemembered(name, initial));
  const set = useCallback(
    (next: string) => {
      try {
        localStorage.setItem(key, next);
      } catch {
        // Storage may be forbidden; then the value lasts as long as nobody asks for it again.
      }
      for (const listener of listeners) listener();
    },
    [key],
  );
  return [value, set];
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    removeEventListener("storage", listener);
  };
}

export function readRemembered(name: string, initial: string): string {
  try {
    return localStorage.getItem(`samband.${name}`) ?? initial;
  } catch {
    return initial;
  }
}
