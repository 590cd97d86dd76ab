/** Where an event stands: `epoch-offset`. The offset counts without a gap, whatever the epoch. */
export interface EventId {
  readonly epoch: string;
  readonly offset: number;
}

const SHAPE = /^([0-9a-f]{8})-(\d{1,16})$/;

/** Reads an event id. `00000000-0` is what the server says to a cursor it cannot echo: nowhere. */
export function parseEventId(text: string | null | undefined): EventId | null {
  const [, epoch, digits] = SHAPE.exec(text ?? "") ?? [];
  if (epoch === undefined || digits === undefined || epoch === "00000000") return null;
  return { epoch, offset: Number(digits) };
}
