/**
 * `echo-client explain`: listens, passes on, shows what passes, and writes the page at the end.
 *
 * @module
 */
import { targetText } from "../../net/dial.ts";
import type { DatagramOptions } from "./datagrams.ts";
import type { WireEvent } from "./events.ts";
import { proxy, type ProxyOptions } from "./proxy.ts";
import { UsageError } from "../../base/errors.ts";
import { acceptLoop } from "../../net/accept.ts";
import { listen, type OpenListener } from "../../net/listen.ts";
import type { Socket, SocketListener } from "../../net/wire.ts";
import { standardStream, writeOutputFile } from "../../base/output_file.ts";
import { fileError } from "../../base/system_errors.ts";
import { escapeJson } from "../../base/text.ts";
import { targetOf } from "../connection/config.ts";
import { controlFaults } from "../faults/control.ts";
import { openFaults, planText } from "../faults/open.ts";
import { hasFaults } from "../faults/scenarios.ts";
import type { EXPLAIN_OPTIONS } from "./options.ts";
import { PatientOutput } from "./output.ts";
import { counted } from "./phrases.ts";
import { Recording } from "./recording.ts";
import { textRenderer } from "./text.ts";
import { EXIT, exitCodeOf } from "../../cli/exit_codes.ts";
import { explainError } from "../../cli/texts.ts";
import type { Translate } from "./texts.ts";
import type { CommandLine } from "../../cli/options.ts";
import { hasColours, printError } from "../../cli/output.ts";

type ExplainLine = CommandLine<typeof EXPLAIN_OPTIONS>;

/** How it ends. */
type Ending = "count" | "interrupt" | "terminate" | "output";

/**
 * Runs the command; resolves to the exit code.
 *
 * @throws {NetworkError} where it cannot listen.
 * @throws {StorageError} `cannot_write`, where the page or the output cannot be written.
 */
export async function explain(line: ExplainLine, t: Translate): Promise<number> {
  const { values } = line;
  const target = targetOf(line);
  const framing = values.framing === "auto" ? undefined : values.framing;
  if (values.html !== undefined) await tryFile(values.html);
  if (values.udp && target.transport !== "tcp") {
    throw new UsageError("udp_usage", "Cannot send datagrams to a Unix socket", {
      details: { problem: "udp_no_target" },
    });
  }
  const place = { hosts: [values.listen.host], port: values.listen.port, strictPort: false, udp: values.udp };
  const [listener] = await listen(place);
  if (listener === undefined) throw new UsageError("bad_value", "Cannot listen: there is no address");
  using ending = endings();
  const { signal } = ending;
  const render = values.json ? (event: WireEvent) => [jsonLine(event)] : textRenderer(t, hasColours(values.color));
  let outputError: unknown;
  const output = new PatientOutput(Deno.stdout, {
    skipped: (n) => values.json ? jsonLine({ event: "skipped", events: n }) : t("explain.skipped", { n }),
    onError: (error) => {
      outputError = error;
      ending.end("output");
    },
  });
  const { addr } = listener.listener;
  output.add(() =>
    values.json ? [jsonLine({ event: "listening", ...placeOf(addr), pid: Deno.pid, target: targetText(target) })] : [
      `Listening on ${listener.address}`,
      t("explain.ready", { target: targetText(target), framing: framing?.name ?? "auto" }),
    ]
  );
  const recording = new Recording();
  const onEvent = (event: WireEvent): void => {
    recording.add(event);
    output.add(() => render(event));
  };
  using faults = await openFaults(values, {
    ...{ framing, maxFrame: values.maxFrame, seed: values.seed },
    onStrike: ({ way, ...strike }) => onEvent({ event: "fault", from: way === "up" ? "client" : "server", ...strike }),
  });
  const tellFaults = (): void => {
    const { texts, seed } = faults.plan;
    output.add(() => [values.json ? jsonLine({ event: "faults", faults: texts, seed }) : planText(faults.plan, t)]);
  };
  if (hasFaults(values)) tellFaults();
  using _control = controlFaults(faults, {
    reload: () => faults.reload(values),
    onChange: tellFaults,
    onError: (error) => printError(explainError(error, t)),
  });
  const options: ProxyOptions = {
    ...{ target, framing, maxFrame: values.maxFrame, most: values.maxPayloadShown, timeout: values.timeout },
    ...{ showSecrets: values.showSecrets, stop: signal, room: () => output.room() },
    reasonOf: (error) => explainError(error, t),
    ...{ onEvent, faults: faults.plan },
  };
  const failure = listener.datagrams !== undefined && target.transport === "tcp"
    ? await serveDatagrams(listener, { ...options, target, count: values.count })
    : await serve(listener.listener, { options, count: values.count, ending });
  const summary = summaryText(recording.totals, t);
  output.add(() => [values.json ? jsonLine({ event: "summary", ...recording.totals }) : summary]);
  await output.done();
  if (values.html !== undefined) {
    const { explainPage } = await import("./html.ts");
    const page = { target: targetText(target), showsSecrets: values.showSecrets, summary, t };
    writeOutputFile(values.html, await explainPage(recording, page));
    if (!values.json) printError(t("explain.written", { path: values.html }));
  }
  if (outputError !== undefined) throw outputError;
  switch (ending.reason) {
    case "interrupt":
      return EXIT.interrupted;
    case "terminate":
      return EXIT.ok;
    default:
      return failure === undefined ? EXIT.ok : exitCodeOf(failure);
  }
}

/** `--udp`: nothing of it is loaded without. */
async function serveDatagrams({ listener, datagrams }: OpenListener, options: DatagramOptions): Promise<undefined> {
  const { relayDatagrams } = await import("./datagrams.ts");
  // It has kept the port.
  listener.close();
  if (datagrams !== undefined) await relayDatagrams(datagrams, options);
}

/** Accepts until it is ended, and lets what runs come to its end. Resolves to the first reason why the target was not reached. */
async function serve(
  listener: SocketListener,
  { options, count, ending }: {
    readonly options: ProxyOptions;
    readonly count: number | undefined;
    readonly ending: Endings;
  },
): Promise<unknown> {
  const running = new Set<Promise<void>>();
  let accepted = 0;
  let failure: unknown;
  let isOpen = true;
  const close = (): void => {
    if (isOpen) listener.close();
    isOpen = false;
  };
  ending.signal.addEventListener("abort", close);
  const take = async (conn: Socket, connection: number): Promise<void> => {
    const error = await proxy(conn, connection, options);
    failure ??= error;
  };
  await acceptLoop(listener, {
    onConnection: (conn) => {
      const taken = take(conn, ++accepted).catch((error: unknown) => {
        failure ??= error;
      }).finally(() => running.delete(taken));
      running.add(taken);
      if (accepted === count) close();
    },
  });
  await Promise.all(running);
  ending.signal.removeEventListener("abort", close);
  return failure;
}

/** What ends the command before `--count` does. */
interface Endings extends Disposable {
  readonly signal: AbortSignal;
  readonly reason: Ending;
  end(reason: Ending): void;
}

/** Ctrl-C, SIGTERM, or a call; a second signal ends the process at once. */
function endings(): Endings {
  const controller = new AbortController();
  let reason: Ending = "count";
  const end = (why: Ending): void => {
    if (!controller.signal.aborted) reason = why;
    controller.abort();
  };
  const on = (why: Ending) => (): void => {
    if (controller.signal.aborted) Deno.exit(EXIT.interrupted);
    end(why);
  };
  const handlers = [["SIGINT", on("interrupt")], ["SIGTERM", on("terminate")]] as const;
  const used = handlers.filter(([name]) => name === "SIGINT" || Deno.build.os !== "windows");
  for (const [name, handler] of used) Deno.addSignalListener(name, handler);
  return {
    signal: controller.signal,
    get reason() {
      return reason;
    },
    end,
    [Symbol.dispose]: () => {
      for (const [name, handler] of used) Deno.removeSignalListener(name, handler);
    },
  };
}

function summaryText(totals: Recording["totals"], t: Translate): string {
  return t("explain.summary", {
    connections: counted(totals.connections, "connections", t),
    client: counted(totals.client_bytes, "bytes", t),
    server: counted(totals.server_bytes, "bytes", t),
    client_frames: counted(totals.client_frames, "frames", t),
    server_frames: counted(totals.server_frames, "frames", t),
  });
}

function jsonLine(event: unknown): string {
  return escapeJson(JSON.stringify(event));
}

function placeOf(addr: Deno.Addr): { readonly host: string; readonly port: number } {
  return "hostname" in addr ? { host: addr.hostname, port: addr.port } : { host: "", port: 0 };
}

/** Whether the page can be written is found out before there is something to lose. */
async function tryFile(path: string): Promise<void> {
  if (standardStream(path) !== undefined) return;
  try {
    (await Deno.open(path, { write: true, create: true })).close();
  } catch (error) {
    throw fileError(error, "write", path);
  }
}
