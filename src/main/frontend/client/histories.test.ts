import { expect, it } from "vitest";
import { FakeBrowser, type FakeTab } from "./testing/fake-browser.js";
import { FakeClock } from "./testing/fake-clock.js";
import { FakeServer } from "./testing/fake-server.js";

/**
 * Random histories of two tabs and a server of one to three nodes. `HISTORIES=3000` runs so many, `HISTORIES_SEED=n` one of them.
 *
 * The model: every tab hears the offsets that its user may see, each once and without a gap, between two resets, and at
 * the end all of them; nobody hears what is for a user who was never signed in; what the badge says is true at any
 * moment; and while nodes are cut off from the log, a browser asks for another stream once in 25 s and then once in 30 s.
 */
const soak = Number(process.env.HISTORIES ?? 12);
const single = process.env.HISTORIES_SEED ? [Number(process.env.HISTORIES_SEED)] : null;
const STEPS = 40;

/** The watchdog (37.5 s), a replaced leader (6 s), and the longest announced drain (5 s and 5 s) together. */
const CONNECTED_WITHIN_MILLIS = 55_000;

/** A poll every 5 s, which may take 5 s, and a replaced leader. */
const POLLED_WITHIN_MILLIS = 20_000;

class History {
  readonly clock = new FakeClock();
  readonly server = new FakeServer(this.clock);
  readonly browser: FakeBrowser;
  readonly alive = new Map<FakeTab, { since: number }>();
  readonly frozen = new Set<FakeTab>();
  readonly published: {
    offset: number;
    at: number;
    audience: string | null;
    readers: readonly (string | undefined)[];
  }[] = [];
  /** Who was signed in from when on. */
  readonly shifts: { at: number; name: string }[] = [];
  readonly told: string[] = [];
  /** Since when each tab has said `polling`. */
  readonly polling = new Map<FakeTab, number>();
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 7_919 + 13) % 2_147_483_647;
    this.browser = new FakeBrowser(this.clock, this.server);
    this.browser.hasWorkers = this.dice(4) === 0;
    this.server.isServedBy(1 + this.dice(3));
    this.server.balancerChecks = this.dice(2) === 0;
    this.signsIn();
  }

  signsIn(name = ["kari", "ola"][this.dice(2)] ?? "kari", expiresInMillis: number | null = null) {
    const rights = `0000000${this.dice(2)}`;
    this.server.signsIn(name, { rights, expiresInMillis });
    this.shifts.push({ at: this.clock.elapsed(), name });
  }

  dice(sides: number): number {
    this.#state = (this.#state * 48_271) % 2_147_483_647;
    return this.#state % sides;
  }

  opens(): void {
    // All tabs of a browser have locks, or none has.
    const tab = this.browser.opensATab({}, !this.browser.hasWorkers);
    tab.client.store.subscribe(({ status }, before) => {
      if (status !== before.status) this.polling.set(tab, this.clock.elapsed());
    });
    const isEarly = this.server.log.newest > 0 && this.dice(2) === 0;
    tab.client.connect(isEarly ? { after: this.server.log.newestId } : {});
    this.alive.set(tab, { since: this.clock.elapsed() });
  }

  publishes(count: number): void {
    if (this.server.isCutOff) return;
    for (let n = 0; n < count; n += 1) {
      const audience = [null, null, null, "kari", "ola", "nils"][this.dice(6)] ?? null;
      if (audience === null) this.server.publishesMany(1);
      else this.server.publishesTo(audience);
      this.notes(audience);
    }
  }

  notes(audience: string | null): void {
    // A stream keeps the identity that it began with, whoever signs in meanwhile.
    const readers = [...this.server.streams].map(({ session }) => session?.name);
    const offset = this.server.log.newest;
    this.published.push({ offset, at: this.clock.elapsed(), audience, readers });
  }

  /** Whether the event may have been hidden: it is for a user who was not signed in all the time since. */
  mayBeHidden(offset: number): boolean {
    const event = this.published.find((one) => one.offset === offset);
    if (!event || event.audience === null) return false;
    const first = this.shifts.findLastIndex(({ at }) => at <= event.at);
    const later = this.shifts.slice(first).map(({ name }) => name);
    return [...event.readers, ...later].some((name) => name !== event.audience);
  }

  async happens(): Promise<void> {
    const { server, clock } = this;
    const tabs = [...this.alive.keys()];
    const tab = tabs[this.dice(tabs.length)];
    const isFrozen = tab !== undefined && this.frozen.has(tab);
    const what = this.dice(34);
    this.told.push(`${clock.elapsed()}: ${what} ${tab ? tabs.indexOf(tab) : ""}`);
    if (what === 0) server.cutsItsStreams();
    else if (what === 1) server.restarts();
    else if (what === 2) server.answersStreamsWith([404, 503, 401][this.dice(3)] ?? 503);
    else if (what === 3) server.answersStreamsWith(200);
    else if (what === 4) server.answersPollsWith([401, 403, 500, 404][this.dice(4)] ?? 500);
    else if (what === 5) server.answersPollsWith(503, [3_600, 5][this.dice(2)]);
    else if (what === 6 || what === 7) server.answersPollsWith(200);
    else if (what === 8) server.goesDown();
    else if (what === 9) server.vanishesWithoutAWord();
    else if (what === 10 || what === 11) server.comesBack();
    else if (what === 12) server.forgetsToSend(1 + this.dice(3));
    else if (what === 13) {
      server.announcesADrain(1_000 * this.dice(5));
      if (this.dice(2) === 0) server.cutsItsStreams();
    } else if (what === 14) server.redirectsToALoginPage(this.dice(2) === 0);
    else if (what === 15) server.isHiddenByACache(this.dice(3) === 0);
    else if (what === 16) clock.steps((this.dice(3) - 1) * 86_400_000 + this.dice(7_200_000));
    else if (what === 17)
      server.logBecomes((["ok", "failing", "stale"] as const)[this.dice(3)] ?? "ok");
    else if (what === 18 && tab && !isFrozen) {
      tab.freezes(this.dice(2) === 0);
      this.frozen.add(tab);
    } else if (what === 19) {
      const [woken] = this.frozen;
      if (woken) this.thaws(woken);
    } else if (what === 20 && tab) {
      if (this.dice(2) === 0) tab.crashes();
      else tab.closes();
      this.alive.delete(tab);
      this.frozen.delete(tab);
      this.opens();
    } else if (what === 21 && tab && !isFrozen) {
      tab.client.disconnect();
      if (this.dice(2) === 0) await clock.passes(this.dice(3_000));
      tab.client.connect();
      this.alive.set(tab, { since: clock.elapsed() });
    } else if (what === 22 && tab && !isFrozen) {
      if (this.dice(2) === 0) tab.client.reconnect();
      else tab.happens(["visibilitychange", "online", "pageshow"][this.dice(3)] ?? "online");
    } else if (what === 23 && this.dice(4) === 0) {
      server.log.trimTo(1 + this.dice(3));
      server.cutsItsStreams();
    } else if (what === 24) this.signsIn();
    else if (what === 25) this.signsIn(undefined, 1_000 + this.dice(200_000));
    else if (what === 26) {
      server.endsItsStreams(
        (["signed_out", "revoked", "expired"] as const)[this.dice(3)] ?? "expired",
        this.dice(4_000),
      );
    } else if (what === 27) {
      this.signsIn();
      server.cutsItsStreams();
    } else if (what === 28 && tab && !isFrozen && this.dice(2) === 0) {
      tab.client.signOut();
      await clock.passes(this.dice(5_000));
      for (const one of tabs) if (!this.frozen.has(one)) this.connects(one);
    } else if (what === 29) server.nodesLoseTheLog(this.dice(server.nodes));
    else if (what === 30) server.nodesLoseTheLog();
    else if (what === 31) server.nodesFindTheLog(this.dice(server.nodes));
    else if (what === 32) server.nodesFindTheLog();
    else if (what === 33 && this.dice(2) === 0) await this.nobodyStorms();
  }

  /** With nothing else going on, the nodes or one of them cannot reach the log for some minutes. */
  async nobodyStorms(): Promise<void> {
    const { server } = this;
    await this.isWell();
    const all = this.dice(2) === 0;
    const node = this.dice(server.nodes);
    if (all) server.nodesLoseTheLog();
    else server.nodesLoseTheLog(node);
    for (const millis of [25_000, 30_000, 30_000, 30_000, 30_000]) {
      const before = this.streamsAskedFor();
      this.publishes(2);
      await this.passes(millis);
      expect(this.streamsAskedFor() - before, "streams asked for").toBeLessThanOrEqual(1);
      for (const tab of this.alive.keys()) expect(tab.client.status).toBe("connected");
    }
    for (const tab of this.alive.keys()) {
      // A load balancer that asks for the health of the nodes, or a node that is not concerned.
      const moved = !all && server.nodes > 1 && server.balancerChecks;
      const { log } = tab.client.store.getState();
      if (all || moved) expect(log).toBe(moved ? "ok" : "stale");
    }
    server.nodesFindTheLog();
    await this.passes(10_000);
    for (const tab of this.alive.keys()) {
      const { status, log } = tab.client.store.getState();
      expect({ status, log }).toEqual({ status: "connected", log: "ok" });
    }
  }

  streamsAskedFor(): number {
    return this.server.requests.filter(({ path }) => path === "/api/sse").length;
  }

  connects(tab: FakeTab): void {
    tab.client.connect();
    this.alive.set(tab, { since: this.clock.elapsed() });
  }

  thaws(tab: FakeTab): void {
    this.frozen.delete(tab);
    tab.thaws();
    // It may learn only now that the user has signed out.
    this.connects(tab);
  }

  async passes(millis: number): Promise<void> {
    const end = this.clock.elapsed() + millis;
    while (this.clock.elapsed() < end) {
      await this.clock.passes(Math.min(2_000, end - this.clock.elapsed()));
      this.checks();
    }
  }

  checks(): void {
    for (const [tab, { since }] of this.alive) {
      if (this.frozen.has(tab)) continue;
      this.isInOrder(tab);
      const { status, catchingUp, log } = tab.client.store.getState();
      if (catchingUp || (status !== "connected" && status !== "polling")) continue;
      // It is said that events are held back.
      if (log === "stale") continue;
      const within = status === "connected" ? CONNECTED_WITHIN_MILLIS : POLLED_WITHIN_MILLIS;
      const now = this.clock.elapsed();
      if (now - since < within) continue;
      // The first answer of a cache may be believed until the next poll, 5 s later, which may take 5 s.
      if (status === "polling" && now - (this.polling.get(tab) ?? 0) < 12_000) continue;
      const due = this.published.filter(({ at }) => at <= now - within).at(-1)?.offset ?? 0;
      const at = Number(tab.client.lastEventId?.split("-")[1] ?? 0);
      expect(at, `${status} at ${now}, but behind`).toBeGreaterThanOrEqual(due);
    }
  }

  /** A gap or a repeat between two resets, or an event of somebody else. */
  isInOrder(tab: FakeTab): void {
    let before: number | null = null;
    for (const one of tab.heard) {
      if (one === "reset") before = null;
      else {
        if (before !== null) {
          let next = before + 1;
          while (next < one && this.mayBeHidden(next)) next += 1;
          expect(one, `after ${before}`).toBe(next);
        }
        before = one;
        expect(this.published[one - 1]?.audience).not.toBe("nils");
      }
    }
  }

  /** All that is wrong ends, and all notice. */
  async isWell(): Promise<void> {
    for (const tab of [...this.frozen]) this.thaws(tab);
    this.server.comesBack();
    this.server.redirectsToALoginPage(false);
    this.server.isHiddenByACache(false);
    this.server.forgetsToSend(0);
    this.server.logBecomes("ok");
    this.server.nodesFindTheLog();
    this.server.answersEverythingWith(200);
    this.signsIn("kari", this.dice(2) === 0 ? null : 3_600_000);
    this.server.endsItsStreams("signed_out");
    await this.passes(260_000);
  }

  async endsWell(): Promise<void> {
    await this.isWell();
    this.publishes(2);
    this.server.publishesMany(1);
    const last = this.server.log.newest;
    this.notes(null);
    this.server.publishesTo("nils");
    this.notes("nils");
    await this.passes(20_000);
    for (const tab of this.alive.keys()) {
      const { status, catchingUp, behind, log, identity, refusal } = tab.client.store.getState();
      expect({ status, catchingUp, behind, log, refusal, name: identity?.name }).toEqual({
        status: "connected",
        catchingUp: false,
        behind: null,
        log: "ok",
        refusal: null,
        name: "kari",
      });
      this.isInOrder(tab);
      expect(tab.heard.at(-1)).toBe(last);
      expect(tab.client.lastEventId).toBe(this.server.log.newestId);
      expect(tab.reported).toEqual([]);
    }
    for (const tab of this.alive.keys()) tab.client.disconnect();
    // A worker is not told that a tab has crashed, and forgets it later.
    await this.clock.passes(this.browser.hasWorkers ? 310_000 : 100);
    expect(this.server.streams.size).toBe(0);
  }
}

async function runs(seed: number): Promise<void> {
  const history = new History(seed);
  history.opens();
  history.opens();
  try {
    for (let step = 0; step < STEPS; step += 1) {
      history.publishes(history.dice(4));
      await history.happens();
      await history.passes(history.dice(10) === 0 ? history.dice(90_000) : history.dice(6_000));
    }
    await history.endsWell();
  } catch (error) {
    const [one, other] = [...history.alive.keys()].map((tab) => tab.logged.slice(-60).join("\n"));
    throw new Error(`seed ${seed}: ${error}\n${history.told.join("\n")}\n${one}\n---\n${other}`, {
      cause: error,
    });
  }
}

it("each event reaches each tab once and in order, and the badge is true, whatever happens", {
  timeout: 3_600_000,
}, async () => {
  const first = Number(process.env.HISTORIES_FIRST ?? 1);
  const seeds = single ?? Array.from({ length: soak }, (_, n) => n + first);
  for (const seed of seeds) await runs(seed);
});
