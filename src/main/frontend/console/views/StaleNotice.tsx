import { useConnectionStore } from "../../react/index.js";
import { type Doubt, severity } from "../model/doubt.js";
import { age, clockTime } from "../model/times.js";
import { useWords } from "../words/language.js";
import type { Notice, Words } from "../words/words.js";
import { CheckIcon, WarningIcon } from "./icons.js";
import { useDoubt } from "./use-line.js";
import { useNow } from "./use-now.js";

/** Says in plain words whether the page is current. It always has its place, so that nothing moves when it speaks. */
export function StaleNotice() {
  const words = useWords();
  const now = useNow();
  const doubt = useDoubt();
  const warning = useConnectionStore((line) => line.warning);
  const { headline, detail } = doubt ? inWords(doubt, words, now) : words.live;
  return (
    <section
      aria-label={words.freshness}
      className={`freshness freshness-${doubt ? severity(doubt) : "live"}`}
      data-testid="stale-notice"
      data-stale={doubt !== null}
      data-doubt={doubt?.kind ?? ""}
    >
      {doubt ? <WarningIcon /> : <CheckIcon />}
      <p title={`${headline}. ${detail}`}>
        <strong>{headline}</strong> <span>{detail}</span>{" "}
        {warning !== null && <strong data-testid="tab-warning">{words.tooManyTabs}</strong>}
      </p>
    </section>
  );
}

function inWords(doubt: Doubt, words: Words, now: number): Notice {
  const heard =
    "heardMillis" in doubt && doubt.heardMillis !== null
      ? age(doubt.heardMillis, words.units)
      : null;
  // The client knows the moment on this browser's clock; what people read is the server's time.
  const since =
    "sinceMillis" in doubt
      ? clockTime(now - (Date.now() - doubt.sinceMillis), now, words.locale)
      : "";
  const events = "events" in doubt ? doubt.events : 0;
  return words.doubt[doubt.kind]({ heard, since, events });
}
