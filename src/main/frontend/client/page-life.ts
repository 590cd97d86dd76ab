import type { Environment } from "./environment.js";

/** What the life of a page means for its connection. */
export interface PageLife {
  /** Look now. */
  wake(why: string): void;
  /** The page is about to be frozen or put away: nothing may depend on it, and nothing may be sent to it. */
  suspend(why: string): void;
  resume(why: string): void;
}

/** Listens to the page until it is told to stop. */
export function listenToPage(env: Environment, life: PageLife): () => void {
  let suspended = false;
  const suspend = (why: string) => {
    if (suspended) return;
    suspended = true;
    life.suspend(why);
  };
  const wake = (why: string) => {
    if (suspended) {
      suspended = false;
      life.resume(why);
    } else life.wake(why);
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
