import { inOrderOfDuty } from "../model/flashes.js";
import type { Flash } from "../model/model.js";
import { useWords } from "../words/language.js";
import { CheckIcon, MessageIcon, WarningIcon } from "./icons.js";

interface Props {
  /** The messages that this desk has to acknowledge. */
  readonly open: readonly Flash[];
  readonly show: () => void;
}

/** The most urgent message that waits, always in view. Pressing it shows the message and acknowledges nothing. */
export function AlertLine({ open, show }: Props) {
  const words = useWords();
  const urgent = open.filter(({ priority }) => priority === "high");
  const first = inOrderOfDuty(open)[0];
  const newest = urgent[0];
  return (
    <section
      aria-label={words.alert.label}
      className={`alert-line ${first === undefined ? "is-none" : urgent.length > 0 ? "is-urgent" : "is-normal"}`}
      data-testid="alert-line"
      data-urgent={urgent.length}
    >
      {first === undefined ? (
        <p>
          <CheckIcon />
          <span>{words.alert.none}</span>
        </p>
      ) : (
        <button type="button" onClick={show} data-testid="alert-show">
          {urgent.length > 0 ? <WarningIcon /> : <MessageIcon />}
          <strong>
            {urgent.length > 0
              ? words.alert.urgent(urgent.length)
              : words.alert.normal(open.length)}
          </strong>
          <span className="alert-text">{first.text}</span>
          <span className="alert-show">{words.alert.show}</span>
        </button>
      )}
      <p role="alert" className="only-read">
        {newest ? `${words.messages.urgent}: ${newest.text}` : ""}
      </p>
    </section>
  );
}
