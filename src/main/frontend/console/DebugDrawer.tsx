import { useEffect, useRef } from "react";
import { useConnectionStore, useSSEClient } from "../react/index.js";
import { ConnectionsTable } from "./ConnectionsTable.js";
import { useRemembered } from "./remembered.js";
import { sendBurst, sendTestEvent } from "./server.js";
import { useAction } from "./use-action.js";
import { clockTime } from "./words.js";

const BURST = 100;

/** For whoever wants to know what the line does, and to make it do something. */
export function DebugDrawer({ close }: { close: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <aside
      id="debug-drawer"
      className="drawer"
      aria-labelledby="debug-heading"
      data-testid="debug-drawer"
      onKeyDown={(event) => event.key === "Escape" && close()}
    >
      <header>
        <h2 id="debug-heading" ref={heading} tabIndex={-1}>
          The line
        </h2>
        <button type="button" onClick={close} data-testid="debug-close">
          Close
        </button>
      </header>
      <Trials />
      <Facts />
      <ConnectionsTable />
      <Transitions />
      <Errors />
    </aside>
  );
}

function Trials() {
  const client = useSSEClient();
  const forced = useConnectionStore((line) => line.pollingForced);
  const [level, setLevel] = useRemembered("logLevel", "info");
  const { busy, outcome, run } = useAction();
  const test = async () => `Sent to ${(await sendTestEvent()).subscribers} streams.`;
  const burst = async () => {
    await sendBurst(BURST);
    return `${BURST} test events sent.`;
  };
  const measure = async () => `${Math.round(await client.measureLatency())} ms there and back.`;
  return (
    <section aria-label="Try it" className="trials">
      <button type="button" aria-disabled={busy} data-testid="send-test" onClick={() => run(test)}>
        Send a test event
      </button>
      <button
        type="button"
        aria-disabled={busy}
        data-testid="send-burst"
        onClick={() => run(burst)}
      >
        Send {BURST}
      </button>
      <button
        type="button"
        aria-disabled={busy}
        data-testid="measure-latency"
        onClick={() => run(measure)}
      >
        Measure latency
      </button>
      <button type="button" data-testid="force-reconnect" onClick={() => client.reconnect()}>
        Reconnect now
      </button>
      <label className="check">
        <input
          type="checkbox"
          checked={forced}
          data-testid="force-polling"
          onChange={(event) => client.forcePolling(event.target.checked)}
        />
        Poll only
      </label>
      <label>
        <span>Browser log</span>
        <select
          value={level}
          data-testid="log-level"
          onChange={(event) => {
            setLevel(event.target.value);
            client.logLevel = event.target.value as typeof client.logLevel;
          }}
        >
          {["silent", "error", "warn", "info", "debug"].map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <p role="status" className="outcome" data-testid="debug-outcome">
        {outcome}
      </p>
    </section>
  );
}

function Facts() {
  const line = useConnectionStore((state) => state);
  const facts: readonly [string, string][] = [
    ["Why", line.reason],
    ["Failed attempts", String(line.attempts)],
    ["Next attempt", line.nextAttemptAt === null ? "none planned" : clockTime(line.nextAttemptAt)],
    ["Last event", line.lastEventId ?? "none"],
    ["Server's epoch", line.epoch ?? "unknown"],
    ["Resets", String(line.resets)],
    ["Latency", line.latencyMillis === null ? "not measured" : `${line.latencyMillis} ms`],
    ["This tab", `${line.tab} (${line.role}, shared by ${line.sharing ?? "nothing yet"})`],
  ];
  return (
    <dl className="facts" data-testid="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Transitions() {
  const transitions = useConnectionStore((line) => line.transitions);
  return (
    <section aria-labelledby="transitions-heading">
      <h3 id="transitions-heading">What the badge said</h3>
      <ol className="log" data-testid="transitions">
        {transitions
          .slice(-30)
          .reverse()
          .map(({ at, from, to, reason }) => (
            <li key={`${at} ${from} ${to}`} data-testid="transition" data-from={from} data-to={to}>
              <time dateTime={new Date(at).toISOString()}>{clockTime(at)}</time> {from} → {to}:{" "}
              {reason}
            </li>
          ))}
      </ol>
    </section>
  );
}

function Errors() {
  const errors = useConnectionStore((line) => line.errors);
  if (errors.length === 0) return null;
  return (
    <section aria-labelledby="errors-heading">
      <h3 id="errors-heading">What went wrong</h3>
      <ol className="log" data-testid="errors">
        {errors
          .slice(-10)
          .reverse()
          .map(({ at, message }) => (
            <li key={`${at} ${message}`}>
              <time dateTime={new Date(at).toISOString()}>{clockTime(at)}</time> {message}
            </li>
          ))}
      </ol>
    </section>
  );
}
