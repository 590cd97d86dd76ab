import { memo, useState } from "react";
import type { SSEEvent } from "../client/index.js";
import { clockTime, summary } from "./words.js";

const MOST_SHOWN = 100;

/** What happened, the newest first, with a filter by type. */
export const EventFeed = memo(({ feed }: { feed: readonly SSEEvent[] }) => {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const types = [...new Set(feed.map(({ type }) => type))].sort();
  const shown = feed.filter(({ type }) => !hidden.has(type)).slice(0, MOST_SHOWN);
  const toggle = (type: string) => {
    const next = new Set(hidden);
    if (!next.delete(type)) next.add(type);
    setHidden(next);
  };
  return (
    <section aria-labelledby="feed-heading" data-testid="event-feed">
      <h2 id="feed-heading">Events</h2>
      {types.length > 0 && (
        <fieldset className="filter" data-testid="event-filter">
          <legend>Show</legend>
          {types.map((type) => (
            <label key={type} className="check">
              <input
                type="checkbox"
                checked={!hidden.has(type)}
                data-testid={`filter-${type}`}
                onChange={() => toggle(type)}
              />
              {type}
            </label>
          ))}
        </fieldset>
      )}
      {shown.length === 0 && <p className="empty">No event yet.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard */}
      <ol className="feed" tabIndex={0} aria-label="Events, the newest first">
        {shown.map((event) => (
          <FeedLine key={event.id} event={event} />
        ))}
      </ol>
    </section>
  );
});

const FeedLine = memo(({ event }: { event: SSEEvent }) => {
  return (
    <li data-testid="event" data-event-id={event.id} data-type={event.type}>
      <time dateTime={event.timestamp}>{clockTime(event.timestamp)}</time>
      <span className="type">{event.type}</span>
      <span className="summary">{summary(event)}</span>
      <span className="id">{event.id}</span>
    </li>
  );
});
