import { memo, useMemo, useRef } from "react";
import { inOrderOfDuty, knownDesks } from "../model/flashes.js";
import type { Flash } from "../model/model.js";
import { useWords } from "../words/language.js";
import { useAcknowledged } from "./context.js";
import { FlashForm } from "./FlashForm.js";
import { Desks, MessageCard } from "./MessageCard.js";
import { ScrollRegion } from "./ScrollRegion.js";
import { ShortClock } from "./Time.js";
import { useHeldOrder, useHold } from "./use-hold.js";
import { useMinute } from "./use-now.js";
import { useOnScreen } from "./use-on-screen.js";

const MOST_EARLIER = 100;

interface Props {
  readonly flashes: readonly Flash[];
  /** Those that this desk has to acknowledge. */
  readonly open: readonly Flash[];
  /** The name of this desk. */
  readonly own: string;
  readonly acknowledge: (ids: readonly string[]) => void;
}

/** Messages that wait, the earlier ones, and a form to send one. */
export const MessagesPanel = memo(({ flashes, open, own, acknowledge }: Props) => {
  const words = useWords();
  const now = useMinute();
  const list = useRef<HTMLElement>(null);
  const { held, handlers } = useHold();
  const { seen, watch } = useOnScreen("data-flash-id");
  const { unsent } = useAcknowledged();
  const byId = useMemo(() => new Map(flashes.map((flash) => [flash.id, flash])), [flashes]);
  const openIds = inOrderOfDuty(open).map(({ id }) => id);
  const shown = useHeldOrder(openIds, held).flatMap((id) => byId.get(id) ?? []);
  const isShown = new Set(shown.map(({ id }) => id));
  const earlier = flashes.filter(({ id }) => !isShown.has(id));
  const onScreen = openIds.filter((id) => seen.has(id));
  const desks = useMemo(() => knownDesks(flashes, own, now), [flashes, own, now]);

  const done = (ids: readonly string[]) => {
    acknowledge(ids);
    // The button that was pressed is about to vanish: the keyboard goes on at its message.
    const card = ids.length === 1 ? cardOf(list.current, ids[0]) : list.current;
    card?.focus({ preventScroll: true });
  };
  return (
    <section
      className="panel messages"
      aria-labelledby="messages-heading"
      data-testid="flash-bar"
      data-count={open.length}
    >
      <header className="panel-head">
        <h2 id="messages-heading">{words.messages.heading}</h2>
        {onScreen.length > 1 && (
          <button
            type="button"
            className="quiet"
            data-testid="flash-acknowledge-shown"
            onClick={() => done(onScreen)}
          >
            {words.messages.acknowledgeShown(onScreen.length)}
          </button>
        )}
      </header>
      <ScrollRegion ref={list} aria-label={words.messages.list} {...handlers}>
        {shown.length === 0 && <p className="empty">{words.messages.none}</p>}
        {shown.map((flash) => (
          <div key={flash.id} ref={watch} data-flash-id={flash.id}>
            <MessageCard
              flash={flash}
              open={openIds.includes(flash.id)}
              unsent={unsent.has(flash.id)}
              own={own}
              desks={desks}
              now={now}
              acknowledge={(id) => done([id])}
            />
          </div>
        ))}
        {earlier.length > 0 && (
          <details className="earlier" data-testid="flash-earlier">
            <summary>{words.messages.earlier(earlier.length)}</summary>
            <ul>
              {earlier.slice(0, MOST_EARLIER).map((flash) => (
                <li key={flash.id} data-testid="flash-earlier-message" data-flash-id={flash.id}>
                  <p>
                    <ShortClock at={flash.createdAt} now={now} words={words} />{" "}
                    <strong>{flash.text}</strong>
                  </p>
                  <Desks flash={flash} own={own} desks={desks} now={now} words={words} />
                  {unsent.has(flash.id) && (
                    <p className="message-unsent">{words.messages.notToldYet}</p>
                  )}
                </li>
              ))}
            </ul>
          </details>
        )}
      </ScrollRegion>
      <FlashForm flashes={byId} />
    </section>
  );
});

function cardOf(list: HTMLElement | null, id: string | undefined): HTMLElement | null {
  return (
    list?.querySelector<HTMLElement>(`article[data-flash-id="${CSS.escape(id ?? "")}"]`) ?? null
  );
}
