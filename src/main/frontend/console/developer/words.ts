import type { Language } from "../words/words.js";

/** The texts of the developer tools; they are loaded with them. */
export interface DeveloperWords {
  readonly heading: string;
  readonly close: string;
  readonly trials: string;
  readonly sendTest: string;
  readonly sent: (streams: number) => string;
  readonly sendMany: (count: number) => string;
  readonly sentMany: (count: number) => string;
  readonly measure: string;
  readonly measured: (millis: number) => string;
  readonly reconnect: string;
  readonly pollOnly: string;
  readonly log: string;
  readonly facts: Record<Fact, string>;
  readonly none: string;
  readonly unknown: string;
  readonly notMeasured: string;
  readonly transitions: string;
  readonly errors: string;
  readonly connections: (count: number) => string;
  readonly connectionsUnknown: string;
  /** The server keeps the tools that need the right `admin` from this user. */
  readonly notAdmin: string;
  readonly table: string;
  readonly columns: Record<"since" | "from" | "state" | "behind" | "browser", string>;
}

export type Fact =
  | "reason"
  | "attempts"
  | "next"
  | "lastEvent"
  | "epoch"
  | "resets"
  | "latency"
  | "tab"
  | "leader";

const en: DeveloperWords = {
  heading: "Developer tools",
  close: "Close",
  trials: "Try it",
  sendTest: "Send a test event",
  sent: (streams) => `Sent to ${streams} streams.`,
  sendMany: (count) => `Send ${count}`,
  sentMany: (count) => `${count} test events sent.`,
  measure: "Measure latency",
  measured: (millis) => `${millis} ms there and back.`,
  reconnect: "Reconnect now",
  pollOnly: "Poll only",
  log: "Browser log",
  facts: {
    reason: "Reason",
    attempts: "Failed attempts",
    next: "Next attempt",
    lastEvent: "Last event",
    epoch: "Epoch of the log",
    resets: "Resets",
    latency: "Latency",
    tab: "This tab",
    leader: "Leader",
  },
  none: "none",
  unknown: "unknown",
  notMeasured: "not measured",
  transitions: "Changes of status",
  errors: "Errors",
  connections: (count) => `Connected: ${count}`,
  connectionsUnknown: "Connected: not known",
  notAdmin:
    "Test events and the list of who is connected need the right “admin”, which you do not have.",
  table: "Connections",
  columns: {
    since: "Since",
    from: "From",
    state: "State",
    behind: "Behind",
    browser: "Browser",
  },
};

const nb: DeveloperWords = {
  heading: "Utviklerverktøy",
  close: "Lukk",
  trials: "Prøv",
  sendTest: "Send en prøvehendelse",
  sent: (streams) => `Sendt til ${streams} strømmer.`,
  sendMany: (count) => `Send ${count}`,
  sentMany: (count) => `${count} prøvehendelser sendt.`,
  measure: "Mål forsinkelse",
  measured: (millis) => `${millis} ms fram og tilbake.`,
  reconnect: "Koble til på nytt",
  pollOnly: "Bare spør jevnlig",
  log: "Nettleserlogg",
  facts: {
    reason: "Årsak",
    attempts: "Mislykkede forsøk",
    next: "Neste forsøk",
    lastEvent: "Siste hendelse",
    epoch: "Loggens epoke",
    resets: "Nullstillinger",
    latency: "Forsinkelse",
    tab: "Denne fanen",
    leader: "Leder",
  },
  none: "ingen",
  unknown: "ukjent",
  notMeasured: "ikke målt",
  transitions: "Endringer av status",
  errors: "Feil",
  connections: (count) => `Tilkoblet: ${count}`,
  connectionsUnknown: "Tilkoblet: ukjent",
  notAdmin:
    "Prøvehendelser og listen over hvem som er tilkoblet krever rettigheten «admin», som du ikke har.",
  table: "Forbindelser",
  columns: {
    since: "Siden",
    from: "Fra",
    state: "Tilstand",
    behind: "Etterslep",
    browser: "Nettleser",
  },
};

export const DEVELOPER_WORDS: Record<Language, DeveloperWords> = { en, nb };
