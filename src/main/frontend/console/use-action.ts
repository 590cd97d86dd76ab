import { useState } from "react";

export interface Action {
  readonly busy: boolean;
  /** What came of it, in words. */
  readonly outcome: string;
  run(doing: () => Promise<string>): void;
}

/**
 * Something that is asked of the server, and what is said about it. While it is under way, its buttons are to be
 * `aria-disabled`: one that is `disabled` would lose the keyboard's focus.
 */
export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState("");
  const run = (doing: () => Promise<string>) => {
    if (busy) return;
    setBusy(true);
    setOutcome("");
    doing()
      .then(setOutcome, (error: unknown) => setOutcome(`Failed: ${reason(error)}`))
      .finally(() => setBusy(false));
  };
  return { busy, outcome, run };
}

function reason(error: unknown): string {
  if (error instanceof TypeError) return "the server cannot be reached";
  return error instanceof Error ? error.message : String(error);
}
