/**
 * `explain --read`: a capture, explained as if it passed now.
 *
 * @module
 */
import { UsageError } from "../../base/errors.ts";
import { readCapture } from "../capture/read_capture.ts";
import { DatagramTap } from "./datagrams.ts";
import type { TraceEvent, TraceOpen } from "../capture/trace.ts";
import { givenAddress } from "../connection/config.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { printError } from "../../cli/output.ts";
import { Progress, secondsSince, UNTOLD } from "../../cli/progress.ts";
import { KeyLog } from "./key_log.ts";
import { EXPLAIN_OPTIONS } from "./options.ts";
import { type ExplainLine, Report } from "./report.ts";
import { rounded, Tap, type TapOptions } from "./tap.ts";
import type { Translate } from "./texts.ts";

/** What only a proxy can do. */
const LIVE = ["listen", "udp", "fault", "faults", "scenario", "tls", "ca", "tlsName", "tlsCert", "tlsKey"] as const;

/** Servers that are named where none is the one that was asked for. */
const MOST_OTHERS = 8;

/** A connection that is followed. */
interface Followed {
  readonly tap: Tap;
  readonly began: number;
  /** `undefined` for a connection. */
  readonly datagrams: DatagramTap | undefined;
}

/**
 * Explains the file that `--read` names; resolves to the exit code.
 *
 * @throws {ProtocolError} `bad_capture`, behind what came before the fault.
 * @throws {StorageError} `cannot_read`, `cannot_write`
 */
export async function explainFile(line: ExplainLine, t: Translate): Promise<number> {
  const { values } = line;
  const path = values.read ?? "-";
  const { host, port } = givenAddress(line);
  for (const key of LIVE) {
    if (line.source(key) !== "argument") continue;
    const { name } = EXPLAIN_OPTIONS[key];
    throw new UsageError("bad_value", `Cannot use --${name} with --read`, {
      details: { option: `--${name}`, value: "", reason: "conflict", other: "--read", action: "combine" },
    });
  }
  const stop = new AbortController();
  const report = new Report(line, { subject: path, t, onError: () => stop.abort() });
  // A capture may bring its keys along.
  const keyLog = new KeyLog(values.keylog);
  const options: TapOptions = {
    ...{ framing: values.framing === "auto" ? undefined : values.framing, maxFrame: values.maxFrame },
    ...{ most: values.maxPayloadShown, showSecrets: values.showSecrets },
    ...{ onEvent: report.onEvent, onTrace: report.onTrace },
    keyLog,
  };
  const reader = new Reader(options);
  const began = performance.now();
  // What is printed on the terminal shows by itself that the work goes on.
  using progress = new Progress({ after: UNTOLD });
  using following = progress.follow(() => t("explain.read.progress", { path, s: secondsSince(began) }));
  let fault: unknown;
  let isEmpty = true;
  const others = new Set<string>();
  try {
    const onCutShort = (): void => printError(t("explain.read.cut_short", { path }));
    // The port has a default of its own where a host is given: a filter is only what was written.
    const filter = {
      ...{ host, port: line.positionals.length > 0 || line.source("port") !== undefined ? port : undefined },
      onOther: (server: string): void => void (others.size < MOST_OTHERS && others.add(server)),
    };
    for await (const event of readCapture({ path, filter, onCutShort, onKeys: (text) => keyLog.add(text) })) {
      if (isEmpty && Deno.stdout.isTerminal()) following[Symbol.dispose]();
      isEmpty = false;
      if (values.count !== undefined && event.connection > values.count) continue;
      for (const _step of reader.take(event)) await report.room();
      await report.room();
      if (stop.signal.aborted) break;
    }
  } catch (error) {
    fault = error;
  }
  following[Symbol.dispose]();
  // Of what could not be read there is nothing to sum up.
  if (fault !== undefined && isEmpty) throw fault;
  await report.finish();
  if (isEmpty) {
    const servers = [...others].join(", ");
    printError(others.size > 0 ? t("explain.read.others", { path, servers }) : t("explain.read.nothing", { path }));
  }
  if (fault !== undefined) throw fault;
  return EXIT.ok;
}

/** From a trace to events. */
class Reader {
  readonly #options: TapOptions;
  readonly #connections = new Map<number, Followed>();

  constructor(options: TapOptions) {
    this.#options = options;
  }

  /** Each step tells some of it. */
  *take(event: TraceEvent): Generator<void> {
    if (event.kind === "open") return this.#open(event);
    const followed = this.#connections.get(event.connection);
    if (followed === undefined) return;
    const { tap, began, datagrams } = followed;
    const at = event.at - began;
    switch (event.kind) {
      case "data":
        if (datagrams === undefined) return yield* tap.read(event.from, event.bytes, at);
        return datagrams.take(event, rounded(at));
      case "end":
        return tap.end(event.from, event.how, at);
      case "notice": {
        const { connection, from, what, bytes } = event;
        if (what === "gap") tap.gap(from, bytes, at);
        return this.#options.onEvent({ event: "notice", connection, at_ms: rounded(at), from, what, bytes });
      }
      case "close":
        this.#connections.delete(event.connection);
        return tap.closed(at, datagrams?.bytes);
    }
  }

  #open(event: TraceOpen): void {
    const { connection, at: began, client, server, connectMs, transport } = event;
    const tap = new Tap(connection, { began, options: { ...this.#options, isMidway: connectMs === null } });
    const datagrams = transport === "udp" ? new DatagramTap(this.#options) : undefined;
    this.#connections.set(connection, { tap, began, datagrams });
    tap.trace(event);
    this.#options.onEvent({
      ...{ event: "open", connection, at_ms: 0, time: new Date(began).toISOString(), client, server },
      connect_ms: connectMs === null ? null : rounded(connectMs),
    });
  }
}
