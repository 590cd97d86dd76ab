const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The units of a duration, as a language writes them. */
export interface Units {
  readonly lessThanAMinute: string;
  readonly second: string;
  readonly minute: string;
  readonly hour: string;
  readonly day: string;
}

/** A duration in at most two units, rounded down to whole minutes: it changes once a minute and not once a second. */
export function elapsed(millis: number, units: Units): string {
  if (millis < MINUTE) return units.lessThanAMinute;
  if (millis < HOUR) return `${Math.floor(millis / MINUTE)} ${units.minute}`;
  if (millis < DAY) return two(millis, HOUR, units.hour, MINUTE, units.minute);
  return two(millis, DAY, units.day, HOUR, units.hour);
}

/** As {@link elapsed}, with seconds below a minute. */
export function age(millis: number, units: Units): string {
  if (millis < MINUTE) return `${Math.max(0, Math.floor(millis / 1_000))} ${units.second}`;
  return elapsed(millis, units);
}

function two(millis: number, big: number, bigUnit: string, small: number, smallUnit: string) {
  const rest = Math.floor((millis % big) / small);
  const first = `${Math.floor(millis / big)} ${bigUnit}`;
  return rest === 0 ? first : `${first} ${rest} ${smallUnit}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** `hour12: false` would write 24:05 for five past midnight in some browsers. */
const TIME = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;

/**
 * A time of day on a 24-hour clock with seconds, with the date unless it is of the same day as `now`.
 *
 * @param at milliseconds since 1970, or ISO 8601
 * @param now milliseconds since 1970
 */
export function clockTime(at: number | string, now: number, locale: string): string {
  return shown(at, now, locale, { ...TIME, second: "2-digit" });
}

/** As {@link clockTime}, without seconds. */
export function shortTime(at: number | string, now: number, locale: string): string {
  return shown(at, now, locale, TIME);
}

function shown(
  at: number | string,
  now: number,
  locale: string,
  time: Intl.DateTimeFormatOptions,
): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return String(at);
  const today = new Date(now);
  if (date.toDateString() === today.toDateString()) return format(date, locale, time);
  const year = date.getFullYear() === today.getFullYear() ? {} : { year: "numeric" as const };
  return format(date, locale, { ...time, ...year, day: "numeric", month: "short" });
}

/** Making a format is slow, and there are hundreds of times on the page. */
function format(date: Date, locale: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${locale} ${JSON.stringify(options)}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, options);
    formats.set(key, made);
  }
  return made.format(date);
}
