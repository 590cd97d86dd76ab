import { useLayoutEffect, useRef } from "react";

/** Holds the value of the last render, for effects that are not to run again when it changes. */
export function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}
