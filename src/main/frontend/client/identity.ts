/** Who the server says is signed in. */
export interface Identity {
  /** A hash that is the same for each sign-in of the user, and says nothing else. */
  readonly subject: string;
  readonly name: string;
  /** The fingerprint of what the user may see. */
  readonly rights: string;
}

/** As `hello` has it. `expiresInMillis` is null if the identity does not expire. */
export interface Auth extends Identity {
  readonly expiresInMillis: number | null;
}

/** The identity alone; null where the server knows none, or is too old to say. */
export function identityOf(auth: Auth | null | undefined): Identity | null {
  return auth ? { subject: auth.subject, name: auth.name, rights: auth.rights } : null;
}

/** What has changed: the user, what the user may see, or nothing. `before` is undefined if nobody was known yet. */
export function changeOf(
  before: Identity | null | undefined,
  now: Identity | null | undefined,
): "user" | "rights" | null {
  if (before === undefined || now === undefined) return null;
  if (before?.subject !== now?.subject) return "user";
  return before?.rights === now?.rights ? null : "rights";
}
