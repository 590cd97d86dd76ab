import { type FormEvent, useState } from "react";
import { sendFlash } from "./server.js";
import { useAction } from "./use-action.js";

/** Sends a message to every dispatcher. */
export function FlashForm() {
  const [text, setText] = useState("");
  const [high, setHigh] = useState(false);
  const { busy, outcome, run } = useAction();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run(async () => {
      await sendFlash(text, high ? "high" : "normal");
      setText("");
      setHigh(false);
      return "Sent to everybody.";
    });
  };
  return (
    <form className="flash-form" onSubmit={submit} data-testid="flash-form">
      <label className="grow">
        <span>Message to everybody</span>
        <input
          value={text}
          required
          maxLength={500}
          autoComplete="off"
          data-testid="flash-text"
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={high}
          data-testid="flash-high"
          onChange={(event) => setHigh(event.target.checked)}
        />
        Urgent
      </label>
      <button type="submit" aria-disabled={busy} data-testid="flash-send">
        Send
      </button>
      <p role="status" className="outcome" data-testid="flash-outcome">
        {outcome}
      </p>
    </form>
  );
}
