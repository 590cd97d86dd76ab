import { useEffect, useRef } from "react";
import type { Flash } from "./model.js";
import { useAcknowledged } from "./use-acknowledged.js";
import { clockTime } from "./words.js";

const MOST_SHOWN = 3;

/** What everybody must see, until they say that they have. */
export function FlashBar({ flashes }: { flashes: readonly Flash[] }) {
  const [acknowledged, acknowledge] = useAcknowledged();
  const open = flashes.filter(({ id }) => !acknowledged.has(id));
  const high = open.filter(({ priority }) => priority === "high");
  const normal = open.filter(({ priority }) => priority !== "high");
  const shown = [...high, ...normal].slice(0, MOST_SHOWN);
  const bar = useRef<HTMLElement>(null);
  const hidden = open.length - shown.length;

  useEffect(() => {
    document.title = open.length > 0 ? `(${open.length}) ${titleOf(high)}Samband` : "Samband";
  }, [open.length, high]);

  const done = (ids: readonly string[]) => {
    acknowledge(ids);
    // The button that was pressed is about to vanish: the keyboard goes on where it was.
    bar.current?.focus();
  };
  const one = (flash: Flash) => <FlashLine key={flash.id} flash={flash} done={done} />;
  return (
    <section
      ref={bar}
      tabIndex={-1}
      className="flash-bar"
      aria-label="Flash messages"
      data-testid="flash-bar"
      data-count={open.length}
    >
      <div role="alert">{shown.filter(({ priority }) => priority === "high").map(one)}</div>
      <div role="status">{shown.filter(({ priority }) => priority !== "high").map(one)}</div>
      {hidden > 0 && (
        <p className="flash-more">
          <span>
            and {hidden} more {hidden === 1 ? "message" : "messages"}
          </span>
          <button
            type="button"
            data-testid="flash-acknowledge-all"
            onClick={() => done(open.map(({ id }) => id))}
          >
            Acknowledge all {open.length}
          </button>
        </p>
      )}
    </section>
  );
}

function FlashLine({ flash, done }: { flash: Flash; done: (ids: readonly string[]) => void }) {
  const high = flash.priority === "high";
  return (
    <div
      className={high ? "flash flash-high" : "flash"}
      data-testid="flash-message"
      data-flash-id={flash.id}
      data-priority={flash.priority}
    >
      <strong className="flash-mark">{high ? "⚠ Urgent" : "Message"}</strong>
      <span className="flash-text">{flash.text}</span>
      <time className="flash-time" dateTime={flash.createdAt}>
        {clockTime(flash.createdAt)}
      </time>
      <button
        type="button"
        data-testid="flash-acknowledge"
        aria-label={`Acknowledge: ${flash.text}`}
        onClick={() => done([flash.id])}
      >
        Acknowledge
      </button>
    </div>
  );
}

function titleOf(high: readonly Flash[]): string {
  return high.length > 0 ? "⚠ " : "";
}
