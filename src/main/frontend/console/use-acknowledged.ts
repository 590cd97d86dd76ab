import { useCallback, useMemo } from "react";
import { useRemembered } from "./remembered.js";

const MOST_KEPT = 1_000;

/** Which flash messages were acknowledged in this browser. */
export function useAcknowledged(): [ReadonlySet<string>, (ids: readonly string[]) => void] {
  const [text, setText] = useRemembered("acknowledged", "");
  const acknowledged = useMemo(() => new Set(text.split(" ")), [text]);
  const acknowledge = useCallback(
    (ids: readonly string[]) =>
      setText([...new Set([...text.split(" "), ...ids])].slice(-MOST_KEPT).join(" ")),
    [text, setText],
  );
  return [acknowledged, acknowledge];
}
