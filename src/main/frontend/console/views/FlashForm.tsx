import { type FormEvent, useState } from "react";
import { sendFlash } from "../desk/server.js";
import type { Flash } from "../model/model.js";
import type { SendOutcome } from "../model/outcome.js";
import { useWords } from "../words/language.js";
import type { Words } from "../words/words.js";
import { isNoAnswer, useAction } from "./use-action.js";

interface Sent {
  readonly text: string;
  readonly outcome: SendOutcome;
}

/** Sends a message to every desk, and says what became of it. */
export function FlashForm({ flashes }: { flashes: ReadonlyMap<string, Flash> }) {
  const words = useWords();
  const [text, setText] = useState("");
  const [high, setHigh] = useState(false);
  const [sent, setSent] = useState<Sent | null>(null);
  const { busy, outcome: failure, run } = useAction();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run(async () => {
      setSent(null);
      try {
        const outcome = await sendFlash(text, high ? "high" : "normal");
        setSent({ text, outcome });
        if (outcome.kind === "durable" || outcome.kind === "waiting") {
          setText("");
          setHigh(false);
        }
        return "";
      } catch (error) {
        if (isNoAnswer(error)) return words.send.noAnswer;
        throw error;
      }
    });
  };
  const said = busy
    ? words.send.sending
    : failure || (sent ? inWords(sent, words, flashes) : words.send.hint);
  const kind = failure ? "unknown" : sent ? sent.outcome.kind : "";
  return (
    <form className="flash-form" onSubmit={submit} data-testid="flash-form">
      <label className="grow">
        <span>{words.send.label}</span>
        <input
          id="flash-text"
          value={text}
          required
          maxLength={500}
          autoComplete="off"
          data-testid="flash-text"
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <div className="send-row">
        <label className="check">
          <input
            type="checkbox"
            checked={high}
            data-testid="flash-high"
            onChange={(event) => setHigh(event.target.checked)}
          />
          {words.send.urgent}
        </label>
        <button type="submit" aria-disabled={busy} data-testid="flash-send">
          {words.send.send}
        </button>
      </div>
      <p
        role="status"
        className={`send-outcome ${kind === "durable" || kind === "" ? "" : "is-doubtful"}`}
        data-testid="flash-outcome"
        data-outcome={busy ? "sending" : kind}
      >
        {said}
      </p>
    </form>
  );
}

function inWords({ outcome }: Sent, words: Words, flashes: ReadonlyMap<string, Flash>): string {
  const { kind, id, detail } = outcome;
  // What came back by the stream is stored, whatever was known when the server answered.
  if (kind !== "durable" && id !== null && flashes.has(id)) return words.send.arrived;
  return words.send.outcome[kind](detail);
}
