import { useCallback, useSyncExternalStore } from "react";

const PREFIX = "samband.";

/** Values that the browser would not store: they last as long as this page. */
const unstored = new Map<string, string>();
const listeners = new Set<() => void>();

/** A value that this browser remembers, the same in all its tabs; without storage, for this page only. */
export function remembered(name: string): string | null {
  return unstored.get(name) ?? stored(name);
}

/** Every value there is: the one that could not be stored, and the one of the browser's storage. For lists to be joined. */
export function rememberedEverywhere(name: string): readonly string[] {
  return [stored(name), unstored.get(name)].filter((value) => typeof value === "string");
}

function stored(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
    unstored.delete(name);
  } catch {
    unstored.set(name, value);
  }
  for (const listener of listeners) listener();
}

/** Calls the listener when a value may have changed, here or in another tab; returns how to stop that. */
export function onRemembered(listener: () => void): () => void {
  listeners.add(listener);
  globalThis.addEventListener?.("storage", listener);
  return () => {
    listeners.delete(listener);
    globalThis.removeEventListener?.("storage", listener);
  };
}

export function useRemembered(name: string, initial: string): [string, (value: string) => void] {
  const value = useSyncExternalStore(onRemembered, () => remembered(name) ?? initial);
  const set = useCallback((next: string) => remember(name, next), [name]);
  return [value, set];
}
