import { describe, expect, it } from "vitest";
import {
  attemptsOf,
  type Effect,
  type Input,
  type Phase,
  pollsBeside,
  STOPPED,
  statusOf,
  step,
} from "./machine.js";

const NOW = 100_000;
const present = { now: NOW, random: () => 1 };
const tries = (attempts: number, delays = attempts) => ({ attempts, delays, retryMillis: 0 });
const signIn = { refusal: "sign_in", loginPage: false } as const;

const PHASES: Record<string, Phase> = {
  stopped: STOPPED,
  opening: { name: "opening", tries: tries(0), grace: null, refused: null, floor: 0 },
  "opening, fifth": { name: "opening", tries: tries(4), grace: null, refused: null, floor: 0 },
  "opening, refused": {
    name: "opening",
    tries: tries(1),
    grace: null,
    refused: signIn,
    floor: 0,
  },
  "opening, grace": {
    name: "opening",
    tries: tries(0),
    grace: NOW + 3_000,
    refused: null,
    floor: 0,
  },
  "opening, grace over": { name: "opening", tries: tries(0), grace: NOW, refused: null, floor: 0 },
  up: { name: "up", silenceMillis: 37_500, since: NOW - 60_000 },
  "up, just now": { name: "up", silenceMillis: 37_500, since: NOW - 2_000 },
  renewing: { name: "renewing", silenceMillis: 37_500, since: NOW - 60_000 },
  draining: { name: "draining", judged: false },
  "draining, judged": { name: "draining", judged: true },
  returning: { name: "returning", since: NOW - 7_000, polled: false, refused: null },
  "returning, polled": { name: "returning", since: NOW - 7_000, polled: true, refused: null },
  waiting: { name: "waiting", tries: tries(1), grace: null, forced: false },
  "waiting, grace": { name: "waiting", tries: tries(0), grace: NOW + 3_000, forced: false },
  "waiting, grace over": { name: "waiting", tries: tries(0), grace: NOW, forced: false },
  "waiting, forced": { name: "waiting", tries: tries(0), grace: null, forced: true },
  refused: { name: "refused", tries: tries(1), refused: signIn },
};

const INPUTS: Record<string, Input> = {
  start: { kind: "start", attempts: 0, forced: false },
  "start, five failed": { kind: "start", attempts: 5, forced: false },
  "start, forced": { kind: "start", attempts: 0, forced: true },
  stop: { kind: "stop" },
  opened: { kind: "opened" },
  hello: { kind: "hello", silenceMillis: 37_500 },
  drain: { kind: "drain", reason: "shutdown", reconnectMillis: 2_000 },
  "drain, expired": { kind: "drain", reason: "expired", reconnectMillis: 2_000 },
  "drain, signed out": { kind: "drain", reason: "signed_out", reconnectMillis: 2_000 },
  "drain, revoked": { kind: "drain", reason: "revoked", reconnectMillis: 2_000 },
  renew: { kind: "renew" },
  nextBroke: { kind: "nextBroke" },
  broke: { kind: "broke", returns: false },
  "broke, returns": { kind: "broke", returns: true },
  due: { kind: "due", silentMillis: 37_500 },
  "due, heard": { kind: "due", silentMillis: 500 },
  pollOk: { kind: "pollOk", recovered: false },
  "pollOk, recovered": { kind: "pollOk", recovered: true },
  pollRefused: { kind: "pollRefused", ...signIn },
  "pollRefused, login page": { kind: "pollRefused", refusal: "sign_in", loginPage: true },
  pollFailed: { kind: "pollFailed", retryAfter: 0, streamIsDead: false },
  "pollFailed, dead": { kind: "pollFailed", retryAfter: 0, streamIsDead: true },
  "pollFailed, retry": { kind: "pollFailed", retryAfter: 20_000, streamIsDead: false },
  wake: { kind: "wake", fresh: false },
  "wake, fresh": { kind: "wake", fresh: true },
  reconnect: { kind: "reconnect" },
  "force on": { kind: "force", on: true },
  "force off": { kind: "force", on: false },
  reopen: { kind: "reopen" },
};

const inWords = (effect: Effect): string => {
  switch (effect.do) {
    case "timer":
      return effect.millis === null ? "no timer" : `timer ${effect.millis}`;
    case "delay":
      return `delay ${effect.millis}`;
    case "say":
      return effect.isFault ? "fault" : "say";
    default:
      return effect.do;
  }
};

/** The phase with what it remembers, as it stands in the table. */
const named = (phase: Phase): string => {
  const more = [
    attemptsOf(phase) > 0 ? `${attemptsOf(phase)} failed` : "",
    "grace" in phase && phase.grace !== null ? "grace" : "",
    "forced" in phase && phase.forced ? "forced" : "",
    "refused" in phase && phase.name !== "refused" && phase.refused ? "refused" : "",
    "floor" in phase && phase.floor > 0 ? "floor" : "",
    "polled" in phase && phase.polled ? "polled" : "",
    "judged" in phase && phase.judged ? "judged" : "",
  ].filter((one) => one !== "");
  return more.length === 0 ? phase.name : `${phase.name} (${more.join(", ")})`;
};

const row = (phase: Phase, input: Input): string => {
  const next = step(phase, input, present);
  return [named(next.phase), ...next.effects.map(inWords)].join(" · ");
};

/** For every phase and input the phase that follows, and the effects. An input that is not named changes nothing. */
const TABLE: Record<string, Record<string, string>> = {
  stopped: {
    start: "opening · close · open · timer 5000 · say",
    "start, five failed": "opening (5 failed) · close · open · timer 5000 · poll · say",
    "start, forced": "waiting (forced) · no timer · poll · say",
    stop: "stopped · close · no timer",
  },
  opening: {
    stop: "stopped · close · no timer",
    hello: "up · timer 37500 · say",
    broke: "waiting (1 failed) · close · timer 2000 · fault",
    "broke, returns": "waiting (1 failed) · close · timer 2000 · fault",
    due: "waiting (1 failed) · close · timer 2000 · fault",
    "due, heard": "waiting (1 failed) · close · timer 2000 · fault",
    pollRefused: "opening (refused)",
    "pollRefused, login page": "opening (refused)",
    "pollFailed, retry": "opening (floor)",
    reconnect: "opening · close · open · timer 5000 · forgetPolls · say",
    "force on": "waiting (forced) · close · no timer · forgetPolls · poll · say",
    reopen: "opening · close · open · timer 5000",
  },
  "opening, fifth": {
    stop: "stopped · close · no timer",
    hello: "up · timer 37500 · say",
    broke: "waiting (5 failed) · close · timer 30000 · fault",
    "broke, returns": "waiting (5 failed) · close · timer 30000 · fault",
    due: "waiting (5 failed) · close · timer 30000 · fault",
    "due, heard": "waiting (5 failed) · close · timer 30000 · fault",
    pollRefused: "opening (4 failed, refused)",
    "pollRefused, login page": "opening (4 failed, refused)",
    "pollFailed, retry": "opening (4 failed, floor)",
    wake: "opening (4 failed) · poll",
    "wake, fresh": "opening (4 failed) · poll",
    reconnect: "opening · close · open · timer 5000 · forgetPolls · say",
    "force on": "waiting (forced) · close · no timer · forgetPolls · poll · say",
    reopen: "opening (4 failed) · close · open · timer 5000",
  },
  "opening, refused": {
    stop: "stopped · close · no timer",
    hello: "up · timer 37500 · say",
    broke: "refused (2 failed) · close · timer 60000 · fault",
    "broke, returns": "refused (2 failed) · close · timer 60000 · fault",
    due: "refused (2 failed) · close · timer 60000 · fault",
    "due, heard": "refused (2 failed) · close · timer 60000 · fault",
    pollOk: "opening (1 failed)",
    "pollOk, recovered": "opening (1 failed)",
    pollFailed: "opening (1 failed)",
    "pollFailed, dead": "opening (1 failed)",
    "pollFailed, retry": "opening (1 failed, floor)",
    wake: "opening (1 failed, refused) · poll",
    "wake, fresh": "opening (1 failed, refused) · poll",
    reconnect: "opening · close · open · timer 5000 · forgetPolls · say",
    "force on": "waiting (forced) · close · no timer · forgetPolls · poll · say",
    reopen: "opening (1 failed, refused) · close · open · timer 5000",
  },
  "opening, grace": {
    stop: "stopped · close · no timer",
    hello: "up · timer 37500 · say",
    broke: "waiting (grace) · close · timer 2000 · fault",
    "broke, returns": "waiting (grace) · close · timer 2000 · fault",
    due: "waiting (grace) · close · timer 2000 · fault",
    "due, heard": "waiting (grace) · close · timer 2000 · fault",
    "pollFailed, retry": "opening (grace, floor)",
    reconnect: "opening · close · open · timer 5000 · forgetPolls · say",
    "force on": "waiting (forced) · close · no timer · forgetPolls · poll · say",
    reopen: "opening (grace) · close · open · timer 3000",
  },
  "opening, grace over": {
    stop: "stopped · close · no timer",
    hello: "up · timer 37500 · say",
    broke: "waiting · close · timer 2000 · poll · fault",
    "broke, returns": "waiting · close · timer 2000 · poll · fault",
    due: "waiting · close · timer 2000 · poll · fault",
    "due, heard": "waiting · close · timer 2000 · poll · fault",
    "pollFailed, retry": "opening (grace, floor)",
    reconnect: "opening · close · open · timer 5000 · forgetPolls · say",
    "force on": "waiting (forced) · close · no timer · forgetPolls · poll · say",
    reopen: "opening (grace) · close · open · timer 0",
  },
  up: {
    stop: "stopped · close · no timer",
    hello: "up · timer 37500 · say",
    drain: "draining · timer 2000 · say",
    "drain, expired": "draining · timer 2000 · say",
    "drain, signed out": "draining (judged) · timer 2000 · say",
    "drain, revoked": "draining (judged) · timer 2000 · say",
    renew: "renewing · openNext",
    broke: "waiting · close · timer 2000 · poll · fault",
    "broke, returns": "returning · timer 7000 · poll · fault",
    due: "waiting · close · timer 2000 · poll · fault",
    "due, heard": "up · timer 37000",
    "pollFailed, dead": "waiting · close · timer 2000 · poll · fault",
    wake: "up · poll",
    reconnect: "opening · close · open · timer 5000 · forgetPolls · say",
    "force on": "waiting (forced) · close · no timer · forgetPolls · poll · say",
    reopen: "opening · close · open · timer 5000",
  },
  "up, just now": {
    stop: "stopped · close · no timer",
    hello: "up · timer 37500 · say",
    drain: "draining · timer 2000 · say",
    "drain, expired": "draining · timer 8000 · say",
    "drain, signed out": "draining (judged) · timer 2000 · say",
    "drain, revoked": "draining (judged) · timer 2000 · say",
    renew: "renewing · openNext",
    broke: "waiting · close · timer 2000 · poll · fault",
    "broke, returns": "returning · timer 7000 · poll · fault",
    due: "waiting · close · timer 2000 · poll · fault",
    "due, heard": "up · timer 37000",
    "pollFailed, dead": "waiting · close · timer 2000 · poll · fault",
    wake: "up · poll",
    reconnect: "opening · close · open · timer 5000 · forgetPolls · say",
    "force on": "waiting (forced) · close · no timer · forgetPolls · poll · say",
    reopen: "opening · close · open · timer 5000",
  },
  renewing: {
    stop: "stopped · close · no timer",
    hello: "up · takeNext · timer 37500 · say",
    drain: "draining · closeNext · timer 2000 · say",
    "drain, expired": "draining · closeNext · timer 2000 · say",
    "drain, signed out": "draining (judged) · closeNext · timer 2000 · say",
    "drain, revoked": "draining (judged) · closeNext · timer 2000 · say",
    nextBroke: "up · closeNext · renewLater",
    broke: "opening · takeNext · timer 5000 · poll · fault",
    "broke, returns": "opening · takeNext · timer 5000 · poll · fault",
    due: "opening · takeNext · timer 5000 · poll · fault",
    "due, heard": "renewing · timer 37000",
    "pollFailed, dead": "waiting · close · timer 2000 · poll · fault",
    wake: "renewing · poll",
    reconnect: "opening · close · open · timer 5000 · forgetPolls · say",
    "force on": "waiting (forced) · close · no timer · forgetPolls · poll · say",
    reopen: "opening · close · open · timer 5000",
  },
  draining: {
    stop: "stopped · close · no timer",
    hello: "up · timer 37500 · say",
    drain: "draining · timer 2000",
    "drain, expired": "draining · timer 2000",
    "drain, signed out": "draining · timer 2000",
    "drain, revoked": "draining · timer 2000",
    broke: "draining · close",
    "broke, returns": "draining · close",
    due: "opening (grace) · close · open · timer 5000",
    "due, heard": "opening (grace) · close · open · timer 5000",
    reconnect: "opening · close · open · timer 5000 · forgetPolls · say",
    "force on": "waiting (forced) · close · no timer · forgetPolls · poll · say",
    reopen: "opening · close · open · timer 5000",
  },
  "draining, judged": {
    stop: "stopped · close · no timer",
    hello: "up · timer 37500 · say",
    drain: "draining (judged) · timer 2000",
    "drain, expired": "draining (judged) · timer 2000",
    "drain, signed out": "draining (judged) · timer 2000",
    "drain, revoked": "draining (judged) · timer 2000",
    broke: "draining (judged) · close",
    "broke, returns": "draining (judged) · close",
    due: "opening · close · open · timer 5000 · poll · say",
    "due, heard": "opening · close · open · timer 5000 · poll · say",
    reconnect: "opening · close · open · timer 5000 · forgetPolls · say",
    "force on": "waiting (forced) · close · no timer · forgetPolls · poll · say",
    reopen: "opening · close · open · timer 5000",
  },
  returning: {
    stop: "stopped · close · no timer",
    opened: "opening · timer 5000",
    hello: "up · timer 37500 · say",
    broke: "waiting (1 failed) · close · timer 7000 · fault",
    "broke, returns": "waiting (1 failed) · close · timer 7000 · fault",
    due: "waiting (1 failed) · close · timer 7000 · fault",
    "due, heard": "waiting (1 failed) · close · timer 7000 · fault",
    pollOk: "returning (polled)",
    "pollOk, recovered": "opening · close · open · timer 5000",
    pollRefused: "returning (refused)",
    "pollRefused, login page": "returning (refused)",
    "pollFailed, retry": "waiting · close · timer 20000",
    wake: "opening · close · open · timer 5000 · poll",
    "wake, fresh": "opening · close · open · timer 5000 · poll",
    reconnect: "opening · close · open · timer 5000 · forgetPolls · say",
    "force on": "waiting (forced) · close · no timer · forgetPolls · poll · say",
    reopen: "opening · close · open · timer 5000 · poll",
  },
  "returning, polled": {
    stop: "stopped · close · no timer",
    opened: "opening · timer 5000",
    hello: "up · timer 37500 · say",
    broke: "waiting (1 failed) · close · timer 7000 · fault",
    "broke, returns": "waiting (1 failed) · close · timer 7000 · fault",
    due: "returning (polled) · timer 5000",
    "due, heard": "returning (polled) · timer 5000",
    "pollOk, recovered": "opening · close · open · timer 5000",
    pollRefused: "returning (refused)",
    "pollRefused, login page": "returning (refused)",
    pollFailed: "returning",
    "pollFailed, dead": "returning",
    "pollFailed, retry": "waiting · close · timer 20000",
    wake: "opening · close · open · timer 5000 · poll",
    "wake, fresh": "opening · close · open · timer 5000 · poll",
    reconnect: "opening · close · open · timer 5000 · forgetPolls · say",
    "force on": "waiting (forced) · close · no timer · forgetPolls · poll · say",
    reopen: "opening · close · open · timer 5000 · poll",
  },
  waiting: {
    stop: "stopped · close · no timer",
    due: "opening (1 failed) · close · open · timer 5000",
    "due, heard": "opening (1 failed) · close · open · timer 5000",
    "pollOk, recovered": "opening (1 failed) · close · open · timer 5000",
    pollRefused: "refused (1 failed) · timer 60000",
    "pollRefused, login page": "refused (1 failed) · timer 240000",
    "pollFailed, retry": "waiting (1 failed) · delay 20000",
    wake: "opening (1 failed) · close · open · timer 5000 · poll",
    "wake, fresh": "opening (1 failed) · close · open · timer 5000 · poll",
    reconnect: "opening · close · open · timer 5000 · forgetPolls · say",
    "force on": "waiting (forced) · close · no timer · forgetPolls · poll · say",
  },
  "waiting, grace": {
    stop: "stopped · close · no timer",
    due: "opening (grace) · close · open · timer 3000",
    "due, heard": "opening (grace) · close · open · timer 3000",
    reconnect: "opening · close · open · timer 5000 · forgetPolls · say",
    "force on": "waiting (forced) · close · no timer · forgetPolls · poll · say",
  },
  "waiting, grace over": {
    stop: "stopped · close · no timer",
    due: "waiting · close · timer 2000 · poll · fault",
    "due, heard": "waiting · close · timer 2000 · poll · fault",
    reconnect: "opening · close · open · timer 5000 · forgetPolls · say",
    "force on": "waiting (forced) · close · no timer · forgetPolls · poll · say",
  },
  "waiting, forced": {
    stop: "stopped · close · no timer",
    wake: "waiting (forced) · poll",
    "wake, fresh": "waiting (forced) · poll",
    reconnect: "opening · close · open · timer 5000 · forgetPolls · say",
    "force off": "opening · close · open · timer 5000 · forgetPolls · say",
  },
  refused: {
    stop: "stopped · close · no timer",
    due: "opening (1 failed, refused) · close · open · timer 5000",
    "due, heard": "opening (1 failed, refused) · close · open · timer 5000",
    pollOk: "opening (1 failed) · close · open · timer 5000",
    "pollOk, recovered": "opening (1 failed) · close · open · timer 5000",
    pollFailed: "waiting (1 failed)",
    "pollFailed, dead": "waiting (1 failed)",
    "pollFailed, retry": "waiting (1 failed) · delay 20000",
    wake: "opening (1 failed, refused) · close · open · timer 5000 · poll",
    "wake, fresh": "opening (1 failed, refused) · close · open · timer 5000 · poll",
    reconnect: "opening · close · open · timer 5000 · forgetPolls · say",
    "force on": "waiting (forced) · close · no timer · forgetPolls · poll · say",
  },
};

describe.each(Object.entries(PHASES))("%s", (name, phase) => {
  it.each(Object.entries(INPUTS))("and %s", (input, value) => {
    expect(row(phase, value)).toBe(TABLE[name]?.[input] ?? named(phase));
  });
});

it("the table names every phase and no input that does not exist", () => {
  expect(Object.keys(TABLE)).toEqual(Object.keys(PHASES));
  for (const inputs of Object.values(TABLE)) {
    for (const input of Object.keys(inputs)) expect(Object.keys(INPUTS)).toContain(input);
  }
});

it.each<[string, Phase, boolean | null]>([
  ["disconnected", STOPPED, null],
  ["connected", { name: "up", silenceMillis: 1, since: 0 }, false],
  ["connected", { name: "renewing", silenceMillis: 1, since: 0 }, false],
  ["connected", { name: "draining", judged: true }, null],
  ["connected", { name: "waiting", tries: tries(0), grace: NOW, forced: false }, false],
  ["reconnecting", { name: "returning", since: NOW, polled: true, refused: null }, true],
  ["disconnected", { name: "returning", since: NOW, polled: false, refused: signIn }, false],
  ["reconnecting", { name: "waiting", tries: tries(4), grace: null, forced: false }, true],
  ["reconnecting", { name: "waiting", tries: tries(5), grace: null, forced: false }, null],
  ["polling", { name: "waiting", tries: tries(5), grace: null, forced: false }, true],
  ["disconnected", { name: "waiting", tries: tries(5), grace: null, forced: false }, false],
  ["polling", { name: "waiting", tries: tries(0), grace: null, forced: true }, true],
  ["disconnected", { name: "waiting", tries: tries(0), grace: null, forced: true }, false],
  ["disconnected", { name: "refused", tries: tries(1), refused: signIn }, false],
])("the status is %s in %o where the last poll succeeded: %s", (status, phase, succeeded) => {
  expect(statusOf(phase, succeeded)).toBe(status);
});

it("polls run beside the attempts from the first failure on, and not in a grace", () => {
  const beside = Object.entries(PHASES).filter(([, phase]) => pollsBeside(phase));
  expect(beside.map(([name]) => name)).toEqual([
    "opening, fifth",
    "opening, refused",
    "returning",
    "returning, polled",
    "waiting",
    "waiting, forced",
    "refused",
  ]);
});
