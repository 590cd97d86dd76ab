import type { Acknowledgement, Flash } from "./model.js";

const MOST_NORMAL = 200;
const MOST_URGENT = 500;

/** A message that is nobody's duty any more after a shift, unless it is urgent and without any acknowledgement. */
const SHIFT_MILLIS = 12 * 3_600_000;

/** Adds a message, or what else is known about one; the newest first. */
export function withFlash(flashes: readonly Flash[], flash: Flash): readonly Flash[] {
  const known = flashes.find(({ id }) => id === flash.id);
  if (known) {
    const more = (flash.acknowledgements ?? []).filter((one) => !has(known, one.by));
    return more.reduce((all, one) => withAcknowledgement(all, flash.id, one), flashes);
  }
  return bounded([flash, ...flashes].sort((a, b) => b.createdAt.localeCompare(a.createdAt)));
}

/** A repeat by the same desk changes nothing. */
export function withAcknowledgement(
  flashes: readonly Flash[],
  id: string,
  { by, at }: Acknowledgement,
): readonly Flash[] {
  return flashes.map((flash) =>
    flash.id === id && !has(flash, by)
      ? { ...flash, acknowledgements: [...(flash.acknowledgements ?? []), { by, at }] }
      : flash,
  );
}

/** An urgent message without any acknowledgement is never dropped, however many others there are. */
function bounded(newestFirst: readonly Flash[]): readonly Flash[] {
  let normal = 0;
  let urgent = 0;
  return newestFirst.filter((flash) => {
    if (flash.priority !== "high") {
      normal += 1;
      return normal <= MOST_NORMAL;
    }
    urgent += 1;
    return urgent <= MOST_URGENT || (flash.acknowledgements ?? []).length === 0;
  });
}

/**
 * Whether a page that is opened now still asks for an acknowledgement of the message: not for normal and for
 * acknowledged ones of an earlier shift.
 *
 * @param now the server's time, milliseconds since 1970
 */
export function isOfAnEarlierShift(flash: Flash, now: number): boolean {
  const old = now - Date.parse(flash.createdAt) > SHIFT_MILLIS;
  return old && (flash.priority !== "high" || (flash.acknowledgements ?? []).length > 0);
}

export function has(flash: Flash, desk: string): boolean {
  return (flash.acknowledgements ?? []).some(({ by }) => by === desk);
}

/** Urgent ones first, and of the same priority the oldest first: a new message does not move the ones before it. */
export function inOrderOfDuty(flashes: readonly Flash[]): readonly Flash[] {
  const rank = ({ priority }: Flash) => (priority === "high" ? 0 : 1);
  return [...flashes].sort(
    (a, b) => rank(a) - rank(b) || a.createdAt.localeCompare(b.createdAt) || (a.id < b.id ? -1 : 1),
  );
}

/**
 * The desks that are known: those that have acknowledged a message within the last shift, and our own.
 *
 * @param now the server's time, milliseconds since 1970
 */
export function knownDesks(flashes: readonly Flash[], own: string, now: number): readonly string[] {
  const desks = new Set([own]);
  for (const { acknowledgements } of flashes) {
    for (const { by, at } of acknowledgements ?? []) {
      if (now - Date.parse(at) <= SHIFT_MILLIS) desks.add(by);
    }
  }
  return [...desks].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
}

/** The known desks that have not acknowledged the message. */
export function notYet(flash: Flash, desks: readonly string[]): readonly string[] {
  return desks.filter((desk) => !has(flash, desk));
}
