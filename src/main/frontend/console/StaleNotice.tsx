import { useConnectionStore } from "../react/index.js";
import { useNow } from "./use-now.js";
import { doubt } from "./words.js";

/** Says in plain words when what is shown may not be true any more. */
export function StaleNotice({
  outdated,
  loadedAt,
}: {
  outdated: boolean;
  loadedAt: number | null;
}) {
  const now = useNow();
  const words = useConnectionStore((line) => doubt(line, { outdated, loadedAt }, now));
  const warning = useConnectionStore((line) => line.warning);
  const status = useConnectionStore((line) => line.status);
  const gone = status === "disconnected";
  return (
    <section
      aria-label="How fresh this page is"
      className={gone ? "notice notice-bad" : "notice"}
      data-testid="stale-notice"
      data-stale={words !== null}
    >
      {words !== null && <p>{words}</p>}
      {warning !== null && <p data-testid="tab-warning">{warning}</p>}
    </section>
  );
}
