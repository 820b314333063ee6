/**
 * What the screen shows: kept from what the log is told and from what is seen of the connections each second. Everything
 * in it is bounded, whatever clients do.
 *
 * @module
 */
import { tryDecodeUtf8 } from "../../../base/text.ts";
import type { Framing } from "../../../framing/framing.ts";
import type { LogFields } from "../../../server/log.ts";
import type { Stats } from "../../../server/stats.ts";
import type { Seen, SeenFrame } from "../../../server/watch.ts";

/** Seconds of the charts. */
export const SECONDS = 120;

/** Rows that are shown of a table: more cannot be read from a wall. */
export const ROWS = 40;

/** What is kept: mistakes, and addresses; of more, the one heard of longest ago is forgotten. */
const MOST = { mistakes: 20, addresses: 500, limits: 40 } as const;

export interface ServerFacts {
  readonly mode: "echo" | "identify" | "auth";
  readonly framing: Framing;
  /** Frames shown, maybe none. */
  readonly frames: number;
}

/** One second. `null` where there was nothing to measure. */
export interface Second {
  readonly frames: number;
  readonly bytes: number;
  /** In µs. */
  readonly p50: number | null;
  readonly p99: number | null;
}

/** A client's mistake. */
export interface Mistake {
  /** In ms since 1970. */
  readonly at: number;
  readonly who: string;
  readonly code: string;
  /** The length that the header announced. */
  readonly length: number | undefined;
  /** The header's bytes, where they are text. */
  readonly header: string | undefined;
  /** What the client seems to speak, and a framing that would fit. */
  readonly speaks: string | undefined;
  readonly fits: string | undefined;
}

/** A limit that struck. */
interface Struck {
  readonly at: number;
  readonly count: number;
  /** The last one. */
  readonly who: string;
}

/** A client's address, over all its connections. */
export interface Address {
  name: string | undefined;
  connections: number;
  ended: number;
  /** Frames of the connections that have ended, and the most of one connection. */
  frames: number;
  most: number;
  isNamed: boolean;
  hasLoggedIn: boolean;
  hasResumed: boolean;
  /** Whether the last thing it did was a mistake of framing. */
  isMistaken: boolean;
}

export class Model {
  readonly facts: ServerFacts;
  readonly startedAt = Date.now();
  /** Where it listens. */
  places: readonly string[] = [];
  readonly seconds: Second[] = [];
  readonly mistakes: Mistake[] = [];
  readonly limits = new Map<string, Struck>();
  /** The one heard of last is the last. */
  readonly addresses = new Map<string, Address>();
  /** Connections that are open, and those that are shown. */
  open = 0;
  connections: Seen["connections"] = [];
  frames: readonly SeenFrame[] = [];
  isReady = false;
  /** All frames and connections since the start. */
  totals = { frames: 0, connections: 0 };
  #before: { readonly at: number; readonly frames: number; readonly bytes: number } | undefined;
  /** Connections that have logged in. */
  readonly #loggedIn = new Set<string>();

  constructor(facts: ServerFacts) {
    this.facts = facts;
  }

  /** Takes notice of an event of the log. */
  tell(event: string, fields: LogFields): void {
    const { peer, limit, reason, code } = fields;
    if (typeof peer !== "string") return;
    const address = addressOf(peer);
    switch (event) {
      case "connect":
        this.totals.connections++;
        this.#address(address).connections++;
        break;
      case "disconnect":
        this.#loggedIn.delete(peer);
        this.#ended(address, { frames: Number(fields["frames"]), isClean: reason === "end" });
        break;
      case "error":
        if (MISTAKES.has(String(code))) this.#mistaken(peer, String(code), fields);
        break;
      case "tls_error":
        this.#mistaken(peer, "tls", { speaks: String(reason).startsWith("the client speaks TLS") ? "TLS" : undefined });
        break;
      case "refuse":
      case "timeout":
        this.#struck(String(limit), peer);
        break;
      case "refuse_more":
        this.#struck(String(limit), peer, Number(fields["count"]));
        break;
      case "datagrams_ignored":
        this.#struck(`datagram_${reason}`, peer);
        break;
      case "too_many_attempts":
      case "too_many_mistakes":
      case "busy":
      case "registration_refused":
      case "refused_insecure":
        this.#struck(event, peer);
        break;
      case "identified":
      case "host_named":
      case "session_resumed":
      case "logged_in":
        this.#named(peer, event, fields["name"]);
    }
  }

  /** Takes in what was seen in the last second. */
  see(seen: readonly Seen[], { ended, open, isReady }: Stats): void {
    const { frames: kept } = this.facts;
    const now = performance.now();
    const { frames, bytesIn, bytesOut } = open();
    const total = {
      at: now,
      frames: ended.frames + frames,
      bytes: ended.bytesIn + bytesIn + ended.bytesOut + bytesOut,
    };
    const before = this.#before ?? total;
    const passed = Math.max(1e-3, (now - before.at) / 1000);
    const times = seen.flatMap(({ times }) => times).sort((a, b) => a - b);
    this.seconds.push({
      frames: Math.max(0, total.frames - before.frames) / passed,
      bytes: Math.max(0, total.bytes - before.bytes) / passed,
      p50: times[Math.floor(times.length / 2)] ?? null,
      p99: times[Math.floor(0.99 * times.length)] ?? null,
    });
    if (this.seconds.length > SECONDS) this.seconds.shift();
    this.#before = total;
    this.totals.frames = total.frames;
    this.isReady = isReady;
    this.#connected(seen);
    const added = seen.flatMap(({ frames }) => frames).sort((a, b) => a.at - b.at);
    if (added.length > 0) this.frames = [...this.frames, ...added].slice(-kept);
  }

  #connected(seen: readonly Seen[]): void {
    this.open = seen.reduce((sum, { open }) => sum + open, 0);
    this.connections = seen.flatMap(({ connections }) => connections)
      .sort((a, b) => Number(b.isActive) - Number(a.isActive) || b.since - a.since).slice(0, ROWS);
    for (const [address, { name, most }] of seen.flatMap(({ addresses }) => [...addresses])) {
      const known = this.addresses.get(address);
      if (known === undefined) continue;
      known.name = name ?? known.name;
      known.most = Math.max(known.most, most);
    }
  }

  #address(address: string): Address {
    const known = this.addresses.get(address) ?? {
      name: undefined,
      ...{ connections: 0, ended: 0, frames: 0, most: 0 },
      ...{ isNamed: false, hasLoggedIn: false, hasResumed: false, isMistaken: false },
    };
    this.addresses.delete(address);
    this.addresses.set(address, known);
    forgetFirst(this.addresses, MOST.addresses);
    return known;
  }

  #named(peer: string, event: string, name: LogFields[string]): void {
    const known = this.#address(addressOf(peer));
    if (typeof name === "string") known.name = name;
    known.isNamed ||= event === "identified" || event === "host_named";
    known.hasResumed ||= event === "session_resumed";
    if (event !== "session_resumed" && event !== "logged_in") return;
    known.hasLoggedIn = true;
    this.#loggedIn.add(peer);
  }

  #ended(address: string, { frames, isClean }: { readonly frames: number; readonly isClean: boolean }): void {
    const known = this.#address(address);
    known.ended++;
    known.frames += frames;
    known.most = Math.max(known.most, frames);
    if (isClean && frames > 0) known.isMistaken = false;
  }

  #mistaken(peer: string, code: string, { length, speaks, fits }: LogFields): void {
    const address = addressOf(peer);
    const known = this.#address(address);
    // What somebody types before the log-in may be a password, and four bytes of it would be a length.
    const isSecret = this.facts.mode === "auth" && !this.#loggedIn.has(peer);
    const announced = typeof length === "number" && !isSecret ? length : undefined;
    known.isMistaken = true;
    this.mistakes.unshift({
      at: Date.now(),
      who: known.name === undefined ? peer : `${known.name} (${peer})`,
      code,
      length: announced,
      header: announced === undefined ? undefined : headerText(announced, this.facts.framing),
      speaks: speaks === undefined ? undefined : String(speaks),
      fits: fits === undefined ? undefined : String(fits),
    });
    this.mistakes.splice(MOST.mistakes);
  }

  #struck(limit: string, who: string, times: number = 1): void {
    const count = (this.limits.get(limit)?.count ?? 0) + times;
    this.limits.delete(limit);
    this.limits.set(limit, { at: Date.now(), count, who });
    forgetFirst(this.limits, MOST.limits);
  }
}

/** Codes of a client's mistakes of framing. */
const MISTAKES: ReadonlySet<string> = new Set(["frame_too_large", "bad_header", "bad_trailer", "truncated_frame"]);

function forgetFirst(map: Map<string, unknown>, most: number): void {
  const [first] = map.size > most ? map.keys() : [];
  if (first !== undefined) map.delete(first);
}

/** `192.0.2.1:50000`, `[2001:db8::1]:50000` and `unix:…` without what differs from connection to connection. */
export function addressOf(peer: string): string {
  return peer.startsWith("unix") ? "unix" : peer.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}

/**
 * The bytes of a header that was a length only by mistake, where they are text: 1,347,571,544 is `PROX`.
 *
 * @example
 * ```ts
 * import { headerText } from "./model.ts";
 * import { framingFrom } from "../../../framing/framing.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const u32 = framingFrom("u32");
 * assertEquals([headerText(1_347_571_544, u32), headerText(2_000_000, u32)], ["PROX", undefined]);
 * ```
 */
export function headerText(length: number, { name, kind, headerSize }: Framing): string | undefined {
  const number = name.endsWith("incl") ? length + (headerSize ?? 0) : length;
  if (kind !== "binary" || headerSize === undefined || !Number.isSafeInteger(number)) return undefined;
  const bytes = new Uint8Array(headerSize);
  for (let [at, rest] = [headerSize - 1, number]; at >= 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  const text = tryDecodeUtf8(name.endsWith("le") ? bytes.reverse() : bytes, { isCut: true });
  return text === undefined || text === "" || /[^\P{C}\r\n\t]/u.test(text) ? undefined : text;
}
