import { useEffect, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { useConnectionStore, useSSEClient } from "../../react/index.js";
import { type Doubt, doubt, lineOf } from "../model/doubt.js";
import { useBoard } from "./context.js";

/** How long ago the server was last heard, in whole seconds' milliseconds; null if it never was. */
export function useHeardMillis(): number | null {
  const client = useSSEClient();
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return client.heardMillis;
}

/** Why what is on the screen may be out of date; null if it is current. */
export function useDoubt(): Doubt | null {
  const heardMillis = useHeardMillis();
  const board = useBoard(useShallow(({ loaded, outdated }) => ({ loaded, outdated })));
  const line = useConnectionStore(useShallow(lineOf));
  return doubt({ ...line, heardMillis }, board);
}
