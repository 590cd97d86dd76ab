import { useEffect, useState } from "react";
import { useConnectionStore } from "../../react/index.js";
import { fetchIsOpen } from "../desk/server.js";
import { useWords } from "../words/language.js";
import { WarningIcon } from "./icons.js";

const ASK_AGAIN_MILLIS = 30_000;

/** Says as long as it is true that the server asks nobody who they are. At the bottom, so that nothing moves for it. */
export function OpenNotice() {
  const words = useWords();
  if (!useIsOpen()) return null;
  return (
    <footer className="open-notice" data-testid="open-notice">
      <WarningIcon />
      <p>
        <strong>{words.open.headline}.</strong> {words.open.detail}
      </p>
    </footer>
  );
}

/** Asked again after each restart of the server. */
function useIsOpen(): boolean {
  const epoch = useConnectionStore((line) => line.epoch);
  const [isOpen, setIsOpen] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new epoch says that the server was restarted
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const ask = () =>
      fetchIsOpen().then(
        (open) => gone || setIsOpen(open),
        () => {
          if (!gone) timer = setTimeout(ask, ASK_AGAIN_MILLIS);
        },
      );
    void ask();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [epoch]);
  return isOpen;
}
