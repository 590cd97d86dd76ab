import { remember, remembered } from "../desk/remembered.js";

const MOST_KEPT = 200;

/** As long as a tab that the browser slows down may need to hear of the same message. */
const HOLD_MILLIS = 60_000;

/** Without locks: so long a tab waits to see whether another one has written over its claim. */
const SETTLE_MILLIS = 150;

/** Resolves with true in one tab of this browser, and with false in all others that claim the same. */
export function claim(what: string): Promise<boolean> {
  return globalThis.navigator?.locks ? claimByLock(what) : claimByStorage(what);
}

function claimByLock(what: string): Promise<boolean> {
  return new Promise((decide) => {
    navigator.locks
      .request(`samband ${what}`, { ifAvailable: true }, (lock) => {
        // The record is for a tab that was frozen and hears of it when the lock is free again.
        if (!lock || claims().has(what)) return decide(false);
        record(what, "");
        decide(true);
        return new Promise((release) => setTimeout(release, HOLD_MILLIS));
      })
      .catch(() => decide(true));
  });
}

/** Where the page is not secure there are no locks: the tab that wrote last has the claim. */
async function claimByStorage(what: string): Promise<boolean> {
  if (claims().has(what)) return false;
  const own = Math.random().toString(36).slice(2);
  record(what, own);
  await new Promise((settled) => setTimeout(settled, SETTLE_MILLIS));
  return claims().get(what) === own;
}

function claims(): Map<string, string> {
  try {
    return new Map(JSON.parse(remembered("claims") ?? "[]") as [string, string][]);
  } catch {
    return new Map();
  }
}

function record(what: string, by: string): void {
  remember("claims", JSON.stringify([...claims().set(what, by)].slice(-MOST_KEPT)));
}
