import { useState } from "react";
import { useWords } from "../words/language.js";

export interface Action {
  readonly busy: boolean;
  /** What came of it, in words. */
  readonly outcome: string;
  run(doing: () => Promise<string>): void;
}

/**
 * A request to the server, and what is said about it. While it is under way, its buttons are to be
 * `aria-disabled`: one that is `disabled` would lose the keyboard's focus.
 */
export function useAction(): Action {
  const words = useWords();
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState("");
  const run = (doing: () => Promise<string>) => {
    if (busy) return;
    setBusy(true);
    setOutcome("");
    doing()
      .then(setOutcome, (error: unknown) =>
        setOutcome(words.failed(reasonOf(error, words.unreachable))),
      )
      .finally(() => setBusy(false));
  };
  return { busy, outcome, run };
}

/** `fetch` rejects with these when there was no answer. */
export function isNoAnswer(error: unknown): boolean {
  return (
    error instanceof TypeError || (error instanceof DOMException && error.name === "TimeoutError")
  );
}

function reasonOf(error: unknown, unreachable: string): string {
  if (isNoAnswer(error)) return unreachable;
  return error instanceof Error ? error.message : String(error);
}
