/**
 * `echo-client explain`: listens, passes on, shows what passes, and writes the page at the end.
 *
 * @module
 */
import { type Target, targetText } from "../../net/dial.ts";
import type { DatagramOptions } from "./datagrams.ts";
import { KeyLog } from "./key_log.ts";
import { proxy, type ProxyOptions } from "./proxy.ts";
import { hostPort, isLocalHost } from "../../base/address.ts";
import { UsageError } from "../../base/errors.ts";
import { acceptLoop } from "../../net/accept.ts";
import { listen, type OpenListener } from "../../net/listen.ts";
import type { Socket, SocketListener } from "../../net/wire.ts";
import { targetOf } from "../connection/config.ts";
import { controlFaults } from "../faults/control.ts";
import { openFaults, planText } from "../faults/open.ts";
import { hasFaults } from "../faults/scenarios.ts";
import { type ExplainLine, Report } from "./report.ts";
import { tlsSides } from "./tls.ts";
import { EXIT, exitCodeOf } from "../../cli/exit_codes.ts";
import { printError } from "../../cli/output.ts";
import { explainError } from "../../cli/texts.ts";
import type { Translate } from "./texts.ts";

type Ending = "count" | "interrupt" | "terminate" | "output";

/**
 * Runs the command; resolves to the exit code.
 *
 * @throws {NetworkError} where it cannot listen.
 * @throws {StorageError} `cannot_write`, where the page or the output cannot be written.
 */
export async function explain(line: ExplainLine, t: Translate): Promise<number> {
  const { values } = line;
  if (values.read !== undefined) return await (await import("./read.ts")).explainFile(line, t);
  const target = targetOf(line);
  const framing = values.framing === "auto" ? undefined : values.framing;
  if (values.udp && target.transport !== "tcp") {
    throw new UsageError("udp_usage", "Cannot send datagrams to a Unix socket", {
      details: { problem: "udp_no_target" },
    });
  }
  const tls = tlsSides(values, target);
  const place = { hosts: [values.listen.host], port: values.listen.port, strictPort: false, udp: values.udp };
  const [listener] = await listen(place);
  if (listener === undefined) throw new UsageError("bad_value", "Cannot listen: there is no address");
  using ending = endings();
  const { signal } = ending;
  const { addr } = listener.listener;
  assertOther(target, addr);
  const report = new Report(line, { subject: targetText(target), t, onError: () => ending.end("output") });
  report.say({ event: "listening", ...placeOf(addr), pid: Deno.pid, target: targetText(target) }, [
    `Listening on ${listener.address}`,
    t("explain.ready", { target: targetText(target), framing: framing?.name ?? "auto" }),
  ]);
  using faults = await openFaults(values, {
    ...{ framing, maxFrame: values.maxFrame, seed: values.seed },
    onStrike: ({ way, ...strike }) =>
      report.onEvent({ event: "fault", from: way === "up" ? "client" : "server", ...strike }),
  });
  const tellFaults = (): void => {
    const { texts, seed } = faults.plan;
    report.say({ event: "faults", faults: texts, seed }, [planText(faults.plan, t)]);
  };
  if (hasFaults(values)) tellFaults();
  using _control = controlFaults(faults, {
    reload: () => faults.reload(values),
    onChange: tellFaults,
    onError: (error) => printError(explainError(error, t)),
  });
  const options: ProxyOptions = {
    ...{ target, framing, maxFrame: values.maxFrame, most: values.maxPayloadShown, timeout: values.timeout },
    ...{ showSecrets: values.showSecrets, stop: signal, room: () => report.room() },
    ...{ onEvent: report.onEvent, onTrace: report.onTrace },
    keyLog: values.keylog === undefined ? undefined : new KeyLog(values.keylog, { mayCome: true }),
    reasonOf: (error) => explainError(error, t),
    faults: faults.plan,
    tls,
  };
  const failure = listener.datagrams !== undefined && target.transport === "tcp"
    ? await serveDatagrams(listener, { ...options, target, count: values.count })
    : await serve(listener.listener, { options, count: values.count, ending });
  await report.finish();
  switch (ending.reason) {
    case "interrupt":
      return EXIT.interrupted;
    case "terminate":
      return EXIT.ok;
    default:
      return failure === undefined ? EXIT.ok : exitCodeOf(failure);
  }
}

/** Refuses a target that is this proxy itself: every connection would come back for ever. */
function assertOther(target: Target, addr: Deno.Addr): void {
  if (target.transport !== "tcp" || !("hostname" in addr) || addr.port !== target.port) return;
  const own = addr.hostname;
  const isSelf = own === target.host || (isLocalHost(target.host) && /^(?:0\.0\.0\.0|::)$/.test(own)) ||
    (target.host === "localhost" && isLocalHost(own));
  if (!isSelf) return;
  throw new UsageError("bad_value", "Cannot go on to the address that is listened on", {
    details: { option: "--listen", value: hostPort(own, addr.port), reason: "itself" },
  });
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
  if (ending.signal.aborted) close();
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

function placeOf(addr: Deno.Addr): { readonly host: string; readonly port: number } {
  return "hostname" in addr ? { host: addr.hostname, port: addr.port } : { host: "", port: 0 };
}
