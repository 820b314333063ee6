/**
 * `bench --one-way` and `bench --reverse`: how many bytes a second go in one direction alone. An echo sends as much as it
 * is sent; what is measured here needs a server that only takes (RFC 863), or one that sends by itself (RFC 864).
 *
 * @module
 */
import { VERSION } from "../../cli/version.ts";
import { delay } from "../../base/delay.ts";
import { connectionError } from "../../base/system_errors.ts";
import { closedByPeer } from "../../client/pipeline.ts";
import type { Wire } from "../../framed_conn.ts";
import { targetText } from "../../net/dial.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { explainError } from "../../cli/texts.ts";
import { figuresIn } from "../../cli/format.ts";
import { print, printError, printText } from "../../cli/output.ts";
import { Progress } from "../../cli/progress.ts";
import { type TcpInfo, tcpInfos } from "../connection/tcp_info.ts";
import type { BenchLine } from "./bencher.ts";
import { closeWire } from "./echo_once.ts";
import { noReply } from "./reply_errors.ts";
import { filesOf } from "./outputs.ts";
import { Pattern } from "./pattern.ts";
import { tcpText } from "./report.ts";
import { type TcpRecord, tcpRecord } from "./result.ts";
import { Sessions } from "./sessions.ts";
import { refused } from "./settings.ts";
import type { Translate } from "./texts.ts";

/** What one write is handed, in bytes, and one read may bring. */
const PIECE = 64 * 1024;

/** What was found. Times in ms, sizes in bytes. */
interface OneWayResult {
  readonly version: string;
  readonly started: string;
  readonly settings: {
    readonly target: string;
    readonly mode: "one-way" | "reverse";
    readonly connections: number;
    readonly duration_ms: number;
    readonly warmup_ms: number;
  };
  readonly interrupted?: true;
  /** Whether all connections had ended before the time was over. */
  readonly ended_early?: true;
  readonly elapsed_ms: number;
  readonly bytes: number;
  readonly bytes_per_s: number;
  /** Whether the peer's system acknowledged the bytes, or ours only took them. */
  readonly counted: "acknowledged" | "taken" | "received";
  readonly other_way_bytes: number;
  /** Taken or received, of each connection. */
  readonly connections_bytes: readonly number[];
  readonly errors: number;
  readonly samples: readonly { readonly at_ms: number; readonly bytes_per_s: number }[];
  readonly tcp_info?: TcpRecord;
}

/** Runs the command; resolves to the exit code. */
export async function oneWay(
  line: BenchLine,
  { signal, t }: { readonly signal: AbortSignal; readonly t: Translate },
): Promise<number> {
  const { values } = line;
  checkOneWay(values);
  await using sessions = await Sessions.from(line, (user) => printError(t("login.unused", { user })));
  const { target } = sessions.config;
  const started = new Date().toISOString();
  using progress = new Progress({ quiet: values.quiet });
  const conns = await sessions.openAll(values.connections, {
    signal,
    onOpened: (count) => progress.show(() => t("bench.progress.open", { count, all: values.connections })),
  });
  const run = new OneWayRun(conns.map((conn) => conn.detach()), {
    isUp: values.oneWay,
    pattern: new Pattern(values.framing, values.size),
    port: target.transport === "tcp" ? target.port : undefined,
  });
  const { connections, duration, warmup } = values;
  const settings = {
    ...{ target: targetText(target), mode: values.oneWay ? "one-way" as const : "reverse" as const },
    ...{ connections, duration_ms: duration, warmup_ms: warmup },
  };
  const f = figuresIn(t.language);
  const onSample = ({ at_ms: at, bytes_per_s: rate }: OneWayResult["samples"][number]): void =>
    progress.show(() =>
      t("bench.progress.one_way", {
        at: t("bench.seconds", { count: f.fixed(at / 1000, 1) }),
        duration: f.duration(duration),
        rate: f.bytes(rate),
      })
    );
  const found = await run.measure({ duration, warmup, interval: values.interval ?? 1000, signal, onSample });
  progress.clear();
  if (found.bytes === 0 && !values.oneWay && !signal.aborted) {
    printError(t("bench.reverse.silent"));
    throw run.isEndedByPeer ? closedByPeer(0) : noReply(duration);
  }
  const result: OneWayResult = {
    ...{ version: VERSION, started, settings },
    ...signal.aborted ? { interrupted: true } : run.isEndedByPeer ? { ended_early: true } : {},
    ...found,
  };
  if (values.json) print(JSON.stringify(result));
  else printText(textOf(result, run.firstError, t).join("\n"));
  return signal.aborted ? EXIT.interrupted : found.errors > 0 ? EXIT.unavailable : EXIT.ok;
}

/** What belongs to echoes only. */
function checkOneWay(values: BenchLine["values"]): void {
  const { oneWay, reverse, rate, connect, login, udp, find, sweep, runs, count, threads, failIf } = values;
  const option = oneWay ? "--one-way" : "--reverse";
  const others = { "--reverse": oneWay && reverse, "--connect": connect, "--login": login, "--udp": udp };
  const more = { "--rate": rate, "--find": find, "--sweep": sweep, "--count": count };
  const most = { "--runs": runs > 1, "--threads": threads !== 1, "--fail-if": failIf.length > 0 };
  const payload = { "--payload": values.payload !== "text" };
  const other = Object.entries({ ...others, ...more, ...most, ...payload, ...filesOf(values) }).find(([, value]) =>
    value !== undefined && value !== false
  );
  if (other !== undefined) throw refused(option, "conflict", { other: other[0] });
}

/** Bytes of each direction, at one time. */
interface Count {
  readonly at: number;
  readonly up: number;
  readonly down: number;
  readonly tcp: readonly TcpInfo[] | undefined;
}

/** How to measure. */
interface OneWayOptions {
  /** Sends; else receives. */
  readonly isUp: boolean;
  readonly pattern: Pattern;
  /** The server's, where it has one. */
  readonly port: number | undefined;
}

class OneWayRun {
  readonly #wires: readonly Wire[];
  readonly #options: OneWayOptions;
  readonly #up: number[];
  readonly #down: number[];
  /** What ended connections, by connection: reading and writing may both fail. */
  readonly #failures = new Map<number, unknown>();
  #isOver = false;
  #isEndedByPeer = false;

  constructor(wires: readonly Wire[], options: OneWayOptions) {
    this.#wires = wires;
    this.#options = options;
    this.#up = wires.map(() => 0);
    this.#down = wires.map(() => 0);
  }

  /** Whether all connections ended before the measurement did. */
  get isEndedByPeer(): boolean {
    return this.#isEndedByPeer;
  }

  /** What ended the first connection that failed. */
  get firstError(): unknown {
    return this.#failures.values().next().value;
  }

  async measure({ duration, warmup, interval, signal, onSample }: {
    readonly duration: number;
    readonly warmup: number;
    readonly interval: number;
    readonly signal: AbortSignal;
    readonly onSample: (sample: OneWayResult["samples"][number]) => void;
  }): Promise<Omit<OneWayResult, "version" | "started" | "settings" | "interrupted" | "ended_early">> {
    const { isUp } = this.#options;
    const running = this.#wires.map((wire, number) =>
      Promise.all([this.#read(wire, number), this.#write(wire, number)])
    );
    const over = Promise.all(running).then(() => undefined);
    const ended = new AbortController();
    void over.then(() => ended.abort());
    const until = AbortSignal.any([signal, ended.signal]);
    await delay(warmup, until);
    const first = this.#count();
    const passed = isUp ? this.#up : this.#down;
    const before = [...passed];
    const samples: { at_ms: number; bytes_per_s: number }[] = [];
    const end = performance.now() + duration;
    let last = { at: performance.now(), bytes: sum(passed) };
    const start = last.at;
    while (performance.now() < end && !until.aborted) {
      await delay(Math.min(interval, end - performance.now()), until);
      const now = { at: performance.now(), bytes: sum(passed) };
      const rate = (now.bytes - last.bytes) / Math.max(1, now.at - last.at) * 1000;
      const sample = { at_ms: Math.round(now.at - start), bytes_per_s: Math.round(rate) };
      samples.push(sample);
      onSample(sample);
      last = now;
    }
    const byConnection = passed.map((bytes, number) => bytes - (before[number] ?? 0));
    const final = this.#count();
    this.#isOver = true;
    this.#isEndedByPeer = ended.signal.aborted;
    // Not waited for: in Deno 2.7.11 a write to a peer that reads nothing outlives the close.
    for (const wire of this.#wires) closeWire(wire);
    const counted = !isUp ? "received" : isKnown(first, final) ? "acknowledged" : "taken";
    const elapsed = Math.max(1, final.at - first.at);
    const bytes = counted === "acknowledged"
      ? acked(final) - acked(first)
      : isUp
      ? final.up - first.up
      : final.down - first.down;
    return {
      ...{ elapsed_ms: Math.round(elapsed), bytes, bytes_per_s: Math.round(bytes / elapsed * 1000), counted },
      ...{
        other_way_bytes: isUp ? final.down - first.down : 0,
        connections_bytes: byConnection,
        errors: this.#failures.size,
        samples,
      },
      ...final.tcp === undefined || final.tcp.length === 0 ? {} : { tcp_info: tcpRecord(final.tcp) },
    };
  }

  /** What has passed. */
  #count(): Count {
    const { port } = this.#options;
    const tcp = port === undefined ? undefined : tcpInfos(port, this.#wires.length);
    return { at: performance.now(), up: sum(this.#up), down: sum(this.#down), tcp };
  }

  /** Reads whatever comes; with `--one-way`, so that an echo does not hold up what is sent. */
  async #read(wire: Wire, number: number): Promise<void> {
    const buffer = new Uint8Array(4 * PIECE);
    try {
      for (let read = await wire.read(buffer); read !== null; read = await wire.read(buffer)) {
        this.#down[number] = (this.#down[number] ?? 0) + read;
      }
    } catch (error) {
      this.#failed(number, error);
    }
  }

  async #write(wire: Wire, number: number): Promise<void> {
    const { isUp, pattern } = this.#options;
    if (!isUp) return;
    const size = Math.max(1, Math.floor(PIECE / pattern.frameLength)) * pattern.frameLength;
    try {
      for (let at = 0; !this.#isOver;) {
        const written = await wire.write(pattern.span(at % pattern.period, size));
        at += written;
        this.#up[number] = (this.#up[number] ?? 0) + written;
      }
    } catch (error) {
      this.#failed(number, error);
    }
  }

  #failed(number: number, error: unknown): void {
    if (!this.#isOver && !this.#failures.has(number)) this.#failures.set(number, connectionError(error));
  }
}

/** Whether the kernel still knows what each connection had acknowledged: it forgets one that was reset. */
function isKnown({ tcp: before }: Count, { tcp: after }: Count): boolean {
  if (before === undefined || after === undefined) return false;
  const left = new Set(after.map(({ local }) => local));
  return before.every(({ local }) => left.has(local));
}

function acked({ tcp = [] }: Count): number {
  return sum(tcp.map((info) => info.acked));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function textOf(result: OneWayResult, firstError: unknown, t: Translate): string[] {
  const f = figuresIn(t.language);
  const { settings: { target, mode, connections, duration_ms: duration }, bytes, bytes_per_s: rate } = result;
  const { counted, other_way_bytes: other, tcp_info: tcp, errors } = result;
  const values = { target, connections: f.count(connections), duration: f.duration(duration) };
  const elapsed = f.time(result.elapsed_ms * 1000);
  return [
    t(`bench.title.${mode}`, values),
    ...result.interrupted === true ? [t("bench.interrupted", { elapsed })] : [],
    ...result.ended_early === true ? [t("bench.ended.frames", { ...values, elapsed })] : [],
    `  ${t("bench.one_way.rate", { rate: f.bytes(rate), bits: f.digits(rate * 8 / 1e6), bytes: f.bytes(bytes) })}`,
    `  ${t(`bench.one_way.${counted}`)}`,
    ...other === 0 ? [] : [`  ${t("bench.one_way.other", { bytes: f.bytes(other) })}`],
    ...tcp === undefined ? [] : [`  TCP: ${tcpText(tcp, t)}`],
    ...errors === 0 ? [] : [`  ${t("bench.one_way.errors", { errors, reason: explainError(firstError, t) })}`],
  ];
}
