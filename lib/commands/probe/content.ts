/**
 * What happens to bytes, to the boundaries of writes, and to large frames.
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import { delay } from "../../base/delay.ts";
import { changeOf, firstChange } from "./changes.ts";
import { type Checked, type Fact, finding, note } from "./facts.ts";
import { digits, framesOf, harmlessSize, KINDS } from "./payloads.ts";
import { ProbeConnection, type ProbeOptions, tryOnce } from "./probe_connection.ts";

/** Whether every byte comes back as it was sent: a connection for each kind. */
export async function checkBytes(options: ProbeOptions): Promise<Checked> {
  const facts: Fact[] = [];
  const data: Record<string, unknown> = {};
  for (const kind of KINDS) {
    const sent = framesOf(kind, options.framing);
    if (sent.length === 0) continue;
    const exchange = await tryOnce(options, sent);
    const outcome = exchange?.outcome ?? "refused";
    const received = exchange?.received ?? new Uint8Array(0);
    const found = outcome === "same" ? undefined : changeOf(sent, received);
    // What was made shorter may leave a server waiting for the rest of a frame.
    const change = outcome === "changed" || found !== "others" ? found : undefined;
    data[kind] = { outcome, change: change ?? null };
    if (change !== undefined) {
      // Upper case is seen in letters, the eighth bit in high bytes: one sentence for each kind of change.
      const id = `changes_${change}` as const;
      if (!facts.some((fact) => fact.id === id)) facts.push(finding(id, { kind, ...firstChange(sent, received) }));
    } else if (outcome !== "same") facts.push(finding("kind_lost", { kind, how: outcome }));
  }
  const both = facts.length === 0 ? await changedBothWays(options) : undefined;
  if (both !== undefined) facts.push(both);
  if (facts.length === 0) facts.push(note(framesOf("high", options.framing).length > 0 ? "clean" : "clean_text"));
  return { facts, data: { bytes: data } };
}

/** Lengths that are, as a byte of a header, what middleboxes change: letters, LF, CR, the eighth bit. */
const TELLING_SIZES: readonly number[] = [0x41, 0x61, 0x0a, 0x0d, 0xe9];

/** Together longer than what a byte of a header can tell. */
const FRAMES_BEHIND = 6;

/**
 * What is changed on the way there and changed back on the way back looks whole in an echo. The server acts on a header,
 * and so a length that is changed shows.
 */
async function changedBothWays(options: ProbeOptions): Promise<Fact | undefined> {
  for (const size of TELLING_SIZES.filter((size) => size <= options.framing.capacity)) {
    const frame = options.framing.encode(digits(size));
    const header = frame.subarray(0, frame.findIndex((byte) => byte === 0x30));
    if (!header.includes(size)) continue;
    // Where a server that takes the frame for a longer one echoes its beginning, the frames behind it do not come back.
    const behind = Array.from({ length: FRAMES_BEHIND }, () => options.framing.encode(digits(48)));
    const exchange = await tryOnce(options, concat(frame, ...behind));
    if (exchange === undefined || exchange.outcome === "same") continue;
    return finding("both_ways", { size, header: header.toHex(), how: exchange.outcome });
  }
  return undefined;
}

/** Frames that are sent apart, and the time between them, in ms. */
const FRAMES = 10;
const APART = 20;

/** Whether frames that are sent apart come back apart, and whole. */
export async function checkBoundaries(options: ProbeOptions): Promise<Checked> {
  const frame = options.framing.encode(digits(48));
  await using connection = await ProbeConnection.tryOpen(options);
  if (connection === undefined) return { facts: [], data: { boundaries: null } };
  // What holds the first bytes up would make one read of all.
  await connection.exchange(frame, options.timeout);
  connection.forget();
  const began = performance.now();
  const sentAt: number[] = [];
  for (let number = 0; number < FRAMES; number++) {
    await delay(Math.max(0, began + number * APART - performance.now()));
    sentAt.push(connection.age);
    await connection.send(frame);
  }
  const total = frame.length * FRAMES;
  const isWhole = await connection.waitFor(() => connection.receivedBytes >= total, options.timeout);
  if (!isWhole) return { facts: [], data: { boundaries: null } };
  let bytes = 0;
  let merged = 0;
  const pieces: number[] = Array(FRAMES).fill(0);
  const latencies: number[] = [];
  for (const read of connection.reads) {
    const [first, last] = [Math.floor(bytes / frame.length), Math.floor((bytes + read.bytes - 1) / frame.length)];
    for (let number = first; number <= last && number < FRAMES; number++) pieces[number] = (pieces[number] ?? 0) + 1;
    merged += Math.max(0, Math.min(last, FRAMES - 1) - first);
    bytes += read.bytes;
    latencies.push(read.at - (sentAt[first] ?? 0));
  }
  const split = pieces.filter((count) => count > 1).length;
  const reads = connection.reads.length;
  const facts: Fact[] = [];
  // Once may be chance: a busy machine hands two over together.
  if (split > FRAMES / 2 && reads > FRAMES) facts.push(note("splits", { frames: FRAMES, reads }));
  if (merged > FRAMES / 5 && reads < FRAMES) facts.push(note("merges", { frames: FRAMES, reads, apart_ms: APART }));
  if (facts.length === 0) facts.push(note("boundaries", { frames: FRAMES, apart_ms: APART }));
  return { facts, data: { boundaries: { frames: FRAMES, apart_ms: APART, reads, split, merged } } };
}

/** Frames that are tried before the largest one, in bytes. */
const SIZES: readonly number[] = [1024, 16 * 1024, 64 * 1024, 256 * 1024, 1024 * 1024, 4 * 1024 * 1024];

/** Halvings between the largest frame that came back and the smallest that did not. */
const HALVINGS = 7;

/** Up to here a frame that does not pass is a fault of the path, not a server's limit. */
const SUSPICIOUS = 16 * 1024;

/** From here on the time of a frame tells how many bytes a second there are. */
const LEAST_TIMED = 64 * 1024;

/** The largest frame that comes back when it is sent at once. */
export async function checkLargest(options: ProbeOptions): Promise<Checked> {
  const most = Math.min(options.maxFrame, options.framing.capacity);
  let good = 0;
  let bad: { size: number; how: string } | undefined;
  let changed: Fact | undefined;
  let took = 0;
  const passes = async (size: number): Promise<void> => {
    const sent = options.framing.encode(digits(size));
    const exchange = await tryOnce(options, sent);
    if (exchange?.outcome === "changed") {
      const first_byte = sent.findIndex((byte, at) => byte !== exchange.received[at]) + 1;
      changed ??= finding("changes_large", { size_bytes: size, first_byte, ...firstChange(sent, exchange.received) });
    }
    if (exchange?.outcome === "same" || exchange?.outcome === "changed") {
      [good, took] = [size, exchange.ms];
    } else bad = { size, how: exchange?.outcome ?? "refused" };
  };
  for (const size of [...SIZES.filter((size) => size < most), harmlessSize(most)]) {
    if (bad === undefined) await passes(size);
  }
  for (let halving = 0; halving < HALVINGS && bad !== undefined && bad.size - good > 64; halving++) {
    const between = harmlessSize(Math.floor((good + bad.size) / 2));
    if (between <= good) break;
    await passes(between);
  }
  const data = { largest: { bytes: good, failed_bytes: bad?.size ?? null, how: bad?.how ?? null } };
  const facts = changed === undefined ? [] : [changed];
  if (good >= LEAST_TIMED && took > 0) {
    facts.push(
      note("speed", {
        size_bytes: good,
        took_ms: Math.round(took * 1000) / 1000,
        rate_bytes: Math.round(good / took * 1000),
      }),
    );
  }
  if (bad === undefined) return { facts: [...facts, note("largest", { good_bytes: good })], data };
  const values = { good_bytes: good, bad_bytes: bad.size, how: bad.how };
  const end = good === 0 ? undefined : await endOfConnection(options, values);
  if (end !== undefined) return { facts: [...facts, end], data };
  facts.push(good < SUSPICIOUS ? finding("largest_small", values) : note("largest_limit", values));
  if (good < SUSPICIOUS && bad.how === "silent") facts.push(note("full_packets"));
  return { facts, data };
}

/** A connection that ends after so many bytes, whatever the size of its frames; `undefined` where it goes on. */
async function endOfConnection(
  options: ProbeOptions,
  { good_bytes: good, bad_bytes: bad }: { readonly good_bytes: number; readonly bad_bytes: number },
): Promise<Fact | undefined> {
  await using connection = await ProbeConnection.tryOpen(options);
  const frame = options.framing.encode(digits(Math.max(1, harmlessSize(Math.ceil(good / 4) - 1))));
  for (let passed = 0; connection !== undefined && passed < 2 * bad; passed += frame.length) {
    const { outcome } = await connection.exchange(frame, options.timeout);
    if (outcome === "same" || outcome === "changed") continue;
    return finding("ends_after", { least_bytes: passed, most_bytes: passed + frame.length, how: outcome });
  }
  return undefined;
}
