import { useEffect, useState } from "react";
import { useIdentity } from "../../react/index.js";
import { type ConnectionRow, fetchConnections, ServerProblem } from "../desk/server.js";

const LOOK_EVERY_MILLIS = 3_000;

/** `rows` is null while the server does not say. `refused`: it says that this user may not know. */
export interface Connections {
  readonly rows: readonly ConnectionRow[] | null;
  readonly refused: boolean;
}

/** Asks again and again who is connected, until the server refuses; then only when somebody else is signed in. */
export function useConnections(): Connections {
  const identity = useIdentity();
  const user = `${identity?.subject} ${identity?.rights}`;
  const [found, setFound] = useState<Connections>({ rows: null, refused: false });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another user may have other rights
  useEffect(() => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      let now: Connections;
      try {
        now = { rows: await fetchConnections(), refused: false };
      } catch (error) {
        now = { rows: null, refused: error instanceof ServerProblem && error.status === 403 };
      }
      if (gone) return;
      setFound(now);
      if (!now.refused) timer = setTimeout(look, LOOK_EVERY_MILLIS);
    };
    void look();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [user]);
  return found;
}
