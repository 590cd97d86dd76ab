import { clockTime, elapsed, shortTime } from "../model/times.js";
import type { Words } from "../words/words.js";

const MINUTE = 60_000;

interface Props {
  readonly at: string;
  /** The server's time. */
  readonly now: number;
  readonly words: Words;
}

/** A time of day; the date with it if it is of another day. */
export function Clock({ at, now, words }: Props) {
  return <time dateTime={at}>{clockTime(at, now, words.locale)}</time>;
}

/** As {@link Clock}, without seconds. */
export function ShortClock({ at, now, words }: Props) {
  return (
    <time dateTime={at} title={clockTime(at, now, words.locale)}>
      {shortTime(at, now, words.locale)}
    </time>
  );
}

/** How long ago it was, as one would say it. */
export function agoInWords(at: string, now: number, words: Words): string {
  const millis = now - Date.parse(at);
  return millis < MINUTE ? words.messages.now : words.messages.ago(elapsed(millis, words.units));
}
