import type { Environment } from "./environment.js";

/** What a page's life means for its connection. */
export interface Waking {
  wake(why: string): void;
  suspend(why: string): void;
  resume(why: string): void;
}

/** Listens to the page until it is told to stop. */
export function listenForWaking(env: Environment, waking: Waking): () => void {
  let suspended = false;
  const suspend = (why: string) => {
    if (suspended) return;
    suspended = true;
    waking.suspend(why);
  };
  const wake = (why: string) => {
    if (suspended) {
      suspended = false;
      waking.resume(why);
    }
    waking.wake(why);
  };
  const stops = [
    env.listen("freeze", () => suspend("freeze")),
    env.listen("pagehide", () => suspend("pagehide")),
    env.listen("resume", () => wake("resume")),
    env.listen("pageshow", () => wake("pageshow")),
    env.listen("online", () => wake("online")),
    // It proves nothing, but it is a reason to look.
    env.listen("offline", () => wake("offline")),
    env.listen("visibilitychange", () => {
      if (env.isVisible()) wake("visibilitychange");
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
