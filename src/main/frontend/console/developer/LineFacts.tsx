import { useStore } from "zustand";
import { useConnectionStore } from "../../react/index.js";
import { clockTime } from "../model/times.js";
import { useWords } from "../words/language.js";
import type { DeveloperWords, Fact } from "./words.js";

const MOST_TRANSITIONS = 30;
const MOST_ERRORS = 10;

/** The connection's state as the client keeps it. Its reasons are the client's own words. */
export function Facts({ words }: { words: DeveloperWords }) {
  const line = useConnectionStore((state) => state);
  const latency = useStore(window.samband.latency);
  const { locale } = useWords();
  const facts: Record<Fact, string> = {
    reason: line.reason,
    attempts: String(line.attempts),
    next:
      line.nextAttemptAt === null ? words.none : clockTime(line.nextAttemptAt, Date.now(), locale),
    lastEvent: line.lastEventId ?? words.none,
    epoch: line.epoch ?? words.unknown,
    resets: String(line.resets),
    latency: latency === null ? words.notMeasured : `${Math.round(latency)} ms`,
    tab: `${line.tab} (${line.role}, ${line.sharing ?? "-"})`,
    leader: line.leader ?? words.none,
  };
  return (
    <dl className="facts" data-testid="facts">
      {(Object.entries(facts) as [Fact, string][]).map(([name, value]) => (
        <div key={name} data-fact={name}>
          <dt>{words.facts[name]}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The last changes of status, the newest first. */
export function Transitions({ words }: { words: DeveloperWords }) {
  const transitions = useStore(window.samband.transitions);
  return (
    <section aria-labelledby="transitions-heading">
      <h3 id="transitions-heading">{words.transitions}</h3>
      <ol className="log" data-testid="transitions">
        {transitions
          .slice(-MOST_TRANSITIONS)
          .reverse()
          .map(({ at, from, to, reason }) => (
            <li key={`${at} ${from} ${to}`} data-testid="transition" data-from={from} data-to={to}>
              <LocalClock at={at} /> {from} → {to}: {reason}
            </li>
          ))}
      </ol>
    </section>
  );
}

/** The last errors, the newest first. */
export function Errors({ words }: { words: DeveloperWords }) {
  const errors = useConnectionStore((line) => line.errors);
  if (errors.length === 0) return null;
  return (
    <section aria-labelledby="errors-heading">
      <h3 id="errors-heading">{words.errors}</h3>
      <ol className="log" data-testid="errors">
        {errors
          .slice(-MOST_ERRORS)
          .reverse()
          .map(({ at, message }) => (
            <li key={`${at} ${message}`}>
              <LocalClock at={at} /> {message}
            </li>
          ))}
      </ol>
    </section>
  );
}

/** A time on this browser's clock. */
function LocalClock({ at }: { at: number }) {
  const { locale } = useWords();
  return <time dateTime={new Date(at).toISOString()}>{clockTime(at, Date.now(), locale)}</time>;
}
