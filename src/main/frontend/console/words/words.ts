import type { ConnectionStatus } from "../../client/index.js";
import type { Doubt } from "../model/doubt.js";
import type { VehicleStatus } from "../model/model.js";
import type { SendOutcome } from "../model/outcome.js";
import type { Units } from "../model/times.js";

export type Language = "en" | "nb";

/** The event types that the server knows; a module may publish others, which are shown by their own names. */
export const KNOWN_TYPES = [
  "flash_message",
  "flash_acknowledged",
  "bilstatus_update",
  "event_created",
  "event_updated",
  "bonfire_created",
  "bonfire_updated",
  "test",
] as const;
export type KnownType = (typeof KNOWN_TYPES)[number];

/** A headline that stands on its own, and what more there is to say where there is room. */
export interface Notice {
  readonly headline: string;
  readonly detail: string;
}

/** What a notice about doubt is made of, in words already. */
export interface DoubtFacts {
  /** How long ago the server was last heard; null: never. */
  readonly heard: string | null;
  readonly since: string;
  readonly events: number;
}

/** Every text of the page in one language. */
export interface Words {
  readonly language: Language;
  /** The name of the language in itself. */
  readonly name: string;
  /** For dates and times. */
  readonly locale: string;
  readonly units: Units;
  readonly status: Record<VehicleStatus, string>;
  readonly types: Record<KnownType, string>;
  readonly connection: Record<ConnectionStatus, string>;
  readonly badge: {
    readonly heard: (age: string) => string;
    readonly notHeard: string;
  };
  readonly identity: {
    readonly signedIn: string;
    readonly signedInAs: (name: string) => string;
  };
  /** The server asks nobody who they are. */
  readonly open: Notice;
  readonly live: Notice;
  readonly freshness: string;
  /** The tabs cannot share a connection, and there are too many of them. */
  readonly tooManyTabs: string;
  readonly doubt: Record<Doubt["kind"], (facts: DoubtFacts) => Notice>;
  readonly alert: {
    readonly label: string;
    readonly none: string;
    readonly urgent: (count: number) => string;
    readonly normal: (count: number) => string;
    readonly show: string;
  };
  readonly messages: {
    readonly heading: string;
    readonly none: string;
    readonly urgent: string;
    readonly normal: string;
    readonly acknowledge: string;
    readonly acknowledgeNamed: (text: string) => string;
    readonly acknowledgeShown: (count: number) => string;
    readonly toAcknowledge: (count: number) => string;
    readonly acknowledgedBy: (desks: string) => string;
    readonly notYet: (desks: string) => string;
    readonly acknowledgedHere: string;
    readonly notToldYet: string;
    readonly you: (desk: string) => string;
    readonly earlier: (count: number) => string;
    readonly ago: (elapsed: string) => string;
    readonly now: string;
    readonly list: string;
  };
  readonly send: {
    readonly label: string;
    readonly urgent: string;
    readonly send: string;
    readonly sending: string;
    readonly hint: string;
    readonly outcome: Record<SendOutcome["kind"], (detail: string) => string>;
    readonly noAnswer: string;
    readonly arrived: string;
  };
  readonly vehicles: {
    readonly heading: string;
    readonly none: string;
    readonly noneFound: string;
    readonly find: string;
    readonly count: (count: number) => string;
    readonly list: string;
    readonly change: string;
    readonly since: (time: string) => string;
    readonly regroup: (count: number) => string;
    readonly choose: (id: string) => string;
    readonly current: string;
    readonly conflict: (status: string, time: string) => string;
    readonly changedMeanwhile: (status: string) => string;
    readonly notSaved: (wish: string) => string;
    readonly anyway: (wish: string) => string;
    readonly keep: (status: string) => string;
    readonly add: string;
    readonly id: string;
    readonly idRule: string;
    readonly statusLabel: string;
    readonly save: string;
    readonly saved: (id: string) => string;
    readonly known: (id: string) => string;
  };
  readonly events: {
    readonly heading: string;
    readonly none: string;
    readonly noneFound: string;
    readonly search: string;
    readonly show: string;
    readonly list: string;
    readonly newer: (count: number) => string;
    readonly shown: (shown: number, all: number) => string;
    readonly more: string;
    readonly acknowledged: (by: string, text: string | null) => string;
  };
  readonly sound: {
    readonly on: string;
    readonly off: string;
    readonly turnOn: string;
    readonly turnOff: string;
    readonly missing: string;
  };
  readonly notify: {
    readonly heading: string;
    readonly allow: string;
    readonly granted: string;
    readonly denied: string;
    readonly missing: string;
    readonly title: string;
  };
  readonly settings: {
    readonly heading: string;
    readonly desk: string;
    readonly deskHelp: string;
    readonly language: string;
    readonly theme: string;
    readonly themes: Record<Theme, string>;
    readonly shortcuts: string;
    readonly developer: string;
    readonly close: string;
  };
  readonly shortcuts: {
    readonly heading: string;
    readonly keys: Record<Shortcut, string>;
  };
  readonly failed: (why: string) => string;
  readonly unreachable: string;
}

export type Theme = "system" | "light" | "dark";
export type Shortcut = "messages" | "write" | "vehicles" | "search" | "settings";
