import { forcePolling, measureLatency } from "../../client/debug.js";
import { useConnectionStore, useSSEClient } from "../../react/index.js";
import { useRemembered } from "../desk/remembered.js";
import { sendBurst, sendTestEvent } from "../desk/server.js";
import { useAction } from "../views/use-action.js";
import type { DeveloperWords } from "./words.js";

const BURST = 100;
const LEVELS = ["silent", "error", "warn", "info", "debug"];

interface Props {
  readonly words: DeveloperWords;
  /** Whether the server lets this user send test events. */
  readonly admin: boolean;
}

/** Buttons that make the connection do something. */
export function Trials({ words, admin }: Props) {
  const client = useSSEClient();
  const forced = useConnectionStore((line) => line.pollingForced);
  const [level, setLevel] = useRemembered("logLevel", "info");
  const { busy, outcome, run } = useAction();
  const test = async () => words.sent((await sendTestEvent()).subscribers);
  const burst = async () => {
    await sendBurst(BURST);
    return words.sentMany(BURST);
  };
  const measure = async () => {
    const millis = await measureLatency(client);
    window.samband.latency.setState(millis, true);
    return words.measured(Math.round(millis));
  };
  return (
    <section aria-label={words.trials} className="trials">
      {admin && (
        <>
          <button
            type="button"
            aria-disabled={busy}
            data-testid="send-test"
            onClick={() => run(test)}
          >
            {words.sendTest}
          </button>
          <button
            type="button"
            aria-disabled={busy}
            data-testid="send-burst"
            onClick={() => run(burst)}
          >
            {words.sendMany(BURST)}
          </button>
          <button
            type="button"
            aria-disabled={busy}
            data-testid="measure-latency"
            onClick={() => run(measure)}
          >
            {words.measure}
          </button>
        </>
      )}
      <button type="button" data-testid="force-reconnect" onClick={() => client.reconnect()}>
        {words.reconnect}
      </button>
      <label className="check">
        <input
          type="checkbox"
          checked={forced}
          data-testid="force-polling"
          onChange={(event) => forcePolling(client, event.target.checked)}
        />
        {words.pollOnly}
      </label>
      <label>
        <span>{words.log}</span>
        <select
          value={level}
          data-testid="log-level"
          onChange={(event) => {
            setLevel(event.target.value);
            client.logLevel = event.target.value as typeof client.logLevel;
          }}
        >
          {LEVELS.map((name) => (
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
