import { memo, useDeferredValue, useMemo, useState } from "react";
import type { SSEEvent } from "../../client/index.js";
import { newer } from "../model/arrangement.js";
import { countsByType, found } from "../model/feed.js";
import type { Flash } from "../model/model.js";
import { searchText, summary } from "../words/event-text.js";
import { typeName, useWords } from "../words/language.js";
import type { Words } from "../words/words.js";
import { ScrollRegion } from "./ScrollRegion.js";
import { Clock } from "./Time.js";
import { useHeld, useHold } from "./use-hold.js";
import { useMinute } from "./use-now.js";

const PAGE = 100;

interface Props {
  readonly feed: readonly SSEEvent[];
  readonly flashes: readonly Flash[];
  /** Shows ids and the types' own names. */
  readonly technical: boolean;
}

/** What happened, the newest first, with a search and a filter over all that this page has. */
export const EventFeed = memo(({ feed, flashes, technical }: Props) => {
  const words = useWords();
  const now = useMinute();
  const [typed, setTyped] = useState("");
  const query = useDeferredValue(typed);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [most, setMost] = useState(PAGE);
  const [scrolled, setScrolled] = useState(false);
  const { held, handlers, release } = useHold();
  const still = held || scrolled;
  const shownFeed = useHeld(feed, still);
  const waiting = still ? newer(ids(feed), shownFeed[0]?.id) : 0;
  const matches = useMemo(
    () => found(shownFeed, query, hidden, (event) => searchText(words, event, flashes)),
    [shownFeed, query, hidden, words, flashes],
  );
  const toggle = (type: string) => {
    const next = new Set(hidden);
    if (!next.delete(type)) next.add(type);
    setHidden(next);
  };
  const showNewest = () => {
    document.querySelector("#events-list")?.scrollTo({ top: 0 });
    setScrolled(false);
    release();
  };
  return (
    <section className="panel events" aria-labelledby="events-heading" data-testid="event-feed">
      <header className="panel-head">
        <h2 id="events-heading">{words.events.heading}</h2>
        <button
          type="button"
          className={waiting > 0 ? "quiet" : "quiet is-hidden"}
          data-testid="events-newer"
          onClick={showNewest}
        >
          {words.events.newer(waiting)}
        </button>
        <label className="find">
          <span className="only-read">{words.events.search}</span>
          <input
            id="event-search"
            type="search"
            value={typed}
            placeholder={words.events.search}
            data-testid="event-search"
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
      </header>
      <Filter feed={feed} hidden={hidden} toggle={toggle} words={words} />
      <ScrollRegion
        id="events-list"
        aria-label={words.events.list}
        onScroll={({ currentTarget }) => setScrolled(currentTarget.scrollTop > 8)}
        {...handlers}
      >
        {matches.length === 0 && (
          <p className="empty">{feed.length === 0 ? words.events.none : words.events.noneFound}</p>
        )}
        <ol>
          {matches.slice(0, most).map((event) => (
            <FeedLine
              key={event.id}
              event={event}
              text={summary(words, event, flashes)}
              now={now}
              words={words}
              technical={technical}
            />
          ))}
        </ol>
        {matches.length > most && (
          <p className="more">
            {words.events.shown(most, matches.length)}{" "}
            <button type="button" className="quiet" onClick={() => setMost(most + PAGE)}>
              {words.events.more}
            </button>
          </p>
        )}
      </ScrollRegion>
    </section>
  );
});

interface FilterProps {
  readonly feed: readonly SSEEvent[];
  readonly hidden: ReadonlySet<string>;
  readonly toggle: (type: string) => void;
  readonly words: Words;
}

function Filter({ feed, hidden, toggle, words }: FilterProps) {
  const counts = useMemo(() => countsByType(feed, (type) => typeName(words, type)), [feed, words]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a row that scrolls in every browser
    <div role="group" className="filter" aria-label={words.events.show} data-testid="event-filter">
      {counts.map(([type, count]) => (
        <button
          key={type}
          type="button"
          className="chip"
          aria-pressed={!hidden.has(type)}
          data-testid={`filter-${type}`}
          onClick={() => toggle(type)}
        >
          {typeName(words, type)} <span className="chip-count">{count}</span>
        </button>
      ))}
    </div>
  );
}

interface LineProps {
  readonly event: SSEEvent;
  readonly text: string;
  readonly now: number;
  readonly words: Words;
  readonly technical: boolean;
}

const FeedLine = memo(({ event, text, now, words, technical }: LineProps) => (
  <li data-testid="event" data-event-id={event.id} data-type={event.type}>
    <Clock at={event.timestamp} now={now} words={words} />
    <span className="event-type">{typeName(words, event.type)}</span>
    <span className="event-text">{text}</span>
    {technical && (
      <span className="event-id">
        {event.type} {event.id}
      </span>
    )}
  </li>
));

function ids(feed: readonly SSEEvent[]): readonly string[] {
  return feed.map(({ id }) => id);
}
