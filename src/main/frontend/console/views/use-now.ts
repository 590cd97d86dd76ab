import { useEffect, useState } from "react";
import { askForTheTime } from "../desk/server.js";
import { serverClock } from "../desk/server-clock.js";

/** The server's time, once a second. Milliseconds since 1970. */
export function useNow(): number {
  const [now, setNow] = useState(() => serverClock.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverClock.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** The server's time, once a minute is over: for what changes no faster. */
export function useMinute(): number {
  const [minute, setMinute] = useState(() => serverClock.now());
  useEffect(() => {
    const timer = setInterval(() => setMinute(serverClock.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return minute;
}

/** Sets the server's clock again after the computer slept or its clock was set. */
export function useServerClock(): void {
  useEffect(() => {
    const timer = setInterval(() => {
      // Without an answer it stays as it is, and is asked for again.
      if (serverClock.isInDoubt) askForTheTime().catch(() => {});
    }, 15_000);
    return () => clearInterval(timer);
  }, []);
}
