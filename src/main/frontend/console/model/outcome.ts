/** What became of a message that was sent. Only `durable` means that every desk gets it. */
export interface SendOutcome {
  readonly kind: "durable" | "waiting" | "unknown" | "lost" | "refused";
  /** The message's id; null if the server did not give one. */
  readonly id: string | null;
  /** What the server says about a refusal; empty otherwise. */
  readonly detail: string;
}

/** Reads the answer to `POST /api/flash`; a 202 alone is no proof that the message is stored. */
export function outcomeOf(status: number, body: unknown): SendOutcome {
  const { id, outcome, detail, title } = (
    typeof body === "object" && body !== null ? body : {}
  ) as Partial<Record<string, string>>;
  if (status >= 200 && status < 300) {
    const kind = outcome === "durable" || outcome === "waiting" ? outcome : "unknown";
    return { kind, id: id ?? null, detail: "" };
  }
  const words = detail ?? title ?? `HTTP ${status}`;
  // A gateway that gave up waiting does not know what the server did.
  if (status === 502 || status === 504) return { kind: "unknown", id: null, detail: "" };
  return { kind: status >= 500 ? "lost" : "refused", id: null, detail: words };
}
