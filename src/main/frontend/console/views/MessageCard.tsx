import { notYet } from "../model/flashes.js";
import type { Flash } from "../model/model.js";
import { useWords } from "../words/language.js";
import type { Words } from "../words/words.js";
import { CheckIcon, WarningIcon } from "./icons.js";
import { agoInWords, ShortClock } from "./Time.js";

interface Props {
  readonly flash: Flash;
  readonly open: boolean;
  /** Acknowledged here, and the server does not know it yet. */
  readonly unsent: boolean;
  /** The name of this desk. */
  readonly own: string;
  readonly desks: readonly string[];
  readonly now: number;
  readonly acknowledge: (id: string) => void;
}

/** One flash message: what it says, since when, which desks have acknowledged it and which have not. */
export function MessageCard({ flash, open, unsent, own, desks, now, acknowledge }: Props) {
  const words = useWords();
  const urgent = flash.priority === "high";
  return (
    <article
      className={`message ${urgent ? "is-urgent" : ""} ${open ? "is-open" : "is-done"}`}
      tabIndex={-1}
      data-testid="flash-message"
      data-flash-id={flash.id}
      data-priority={flash.priority}
      data-open={open}
    >
      <header>
        <strong className="message-mark">
          {urgent && <WarningIcon />}
          {urgent ? words.messages.urgent : words.messages.normal}
        </strong>
        <span className="message-time">
          <ShortClock at={flash.createdAt} now={now} words={words} /> ·{" "}
          {agoInWords(flash.createdAt, now, words)}
        </span>
      </header>
      <p className="message-text">{flash.text}</p>
      <div className="message-foot">
        <Desks flash={flash} own={own} desks={desks} now={now} words={words} />
        {open ? (
          <button
            type="button"
            className="acknowledge"
            data-testid="flash-acknowledge"
            aria-label={words.messages.acknowledgeNamed(flash.text)}
            onClick={() => acknowledge(flash.id)}
          >
            {words.messages.acknowledge}
          </button>
        ) : (
          <span className="acknowledged">
            <CheckIcon />
            {words.messages.acknowledgedHere}
          </span>
        )}
      </div>
      {unsent && <p className="message-unsent">{words.messages.notToldYet}</p>}
    </article>
  );
}

interface DesksProps extends Pick<Props, "flash" | "own" | "desks" | "now"> {
  readonly words: Words;
}

export function Desks({ flash, own, desks, now, words }: DesksProps) {
  const name = (desk: string) => (desk === own ? words.messages.you(desk) : desk);
  const acknowledgements = flash.acknowledgements ?? [];
  const missing = notYet(flash, desks);
  return (
    <p className="message-desks" data-testid="flash-desks">
      {acknowledgements.length > 0 && (
        <span>
          {words.messages.acknowledgedBy("")}
          {acknowledgements.map(({ by, at }, n) => (
            <span key={by} data-testid="flash-acknowledged-by">
              {n > 0 && ", "}
              {name(by)} <ShortClock at={at} now={now} words={words} />
            </span>
          ))}
        </span>
      )}
      {missing.length > 0 && (
        <span data-testid="flash-not-yet">
          {words.messages.notYet(missing.map(name).join(", "))}
        </span>
      )}
    </p>
  );
}
