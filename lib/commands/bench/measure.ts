/**
 * One measurement: the mode says how, a {@linkcode Source} of connections says of what.
 *
 * @module
 */
import type { FramedConn } from "../../framed_conn.ts";
import { framingFrom } from "../../framing/framing.ts";
import { connect, type Target } from "../../net/dial.ts";
import type { Dialer } from "../../net/wire.ts";
import { type TcpInfo, tcpInfos } from "../connection/tcp_info.ts";
import { runCycles } from "./cycles.ts";
import { closeWire, echoOnce, type EchoOnceOptions } from "./echo_once.ts";
import { startFloor } from "./floor.ts";
import { openMany, type OpenWatch } from "./open_many.ts";
import { Pattern } from "./pattern.ts";
import { type Floor, type Measured, rateIn } from "./result.ts";
import { type Phase, runLoad, type RunResult } from "./run.ts";
import type { BenchSettings } from "./settings.ts";
import type { OnTick } from "./ticker.ts";
import { Timeline, type Watch } from "./timeline.ts";
import type { Way } from "./thread.ts";
import { runThreads } from "./threads.ts";

/** Where the connections of a measurement come from. */
export interface Source {
  /** Where threads connect to by themselves: one for each, or for those that are left. */
  readonly targets: readonly Target[];
  readonly way: Way;
  /** Whether the kernel may be asked about the connections. */
  readonly asksKernel?: boolean;
  /** A connection on which echoes can begin. */
  open(onPhase?: OnPhase): Promise<FramedConn>;
  openAll(count: number, watch: OpenWatch): Promise<FramedConn[]>;
  /** Logs in once and closes, with the token in `held`, which is replaced. */
  logIn?(held: { token?: string }, onPhase?: OnPhase): Promise<void>;
}

/** Told as a connection begins, and as each part of it is over. */
export type OnPhase = (phase: Phase | "begin") => void;

/** The floor is measured for so long, in ms, after half as much of warm-up: to the digit that matters. */
const FLOOR_DURATION = 400;

export async function measure(settings: BenchSettings, source: Source, watch: Watch): Promise<Measured> {
  const timeline = new Timeline(settings, watch);
  const onTick: OnTick = (tick, part) => timeline.add(tick, part);
  const run = await runMode(settings, source, { ...watch, onTick });
  return { ...run, samples: timeline.end() };
}

async function runMode(
  settings: BenchSettings,
  source: Source,
  { onOpened, ...watch }: Pick<Watch, "signal" | "onTick" | "onOpened">,
): Promise<RunResult> {
  const { mode, connections: clients, threads, timeout } = settings;
  const pattern = new Pattern(framingFrom(settings.framing), settings.size, settings.payload);
  const options = { ...settings, ...watch };
  switch (mode) {
    case "udp": {
      const { runDatagrams } = await import("./datagrams.ts");
      return await runDatagrams(settings, { target: source.targets[0], way: source.way, ...watch });
    }
    case "connect":
      return await runCycles(connectAndEcho(source, { pattern, timeout }), { ...options, clients });
    case "login":
      return await runCycles(await logIns(source, clients, onOpened), { ...options, clients });
    default: {
      if (threads > 1) {
        return await runThreads({ ...settings, ...source.way, targets: source.targets }, { ...watch, onOpened });
      }
      const conns = await source.openAll(clients, { signal: watch.signal, onOpened });
      const { asksKernel = false, targets: [target] } = source;
      let tcp: readonly TcpInfo[] | undefined;
      const beforeClose = (): void => {
        if (asksKernel && target?.transport === "tcp") tcp = tcpInfos(target.port, clients);
      };
      const run = await runLoad(conns.map((conn) => conn.detach()), { ...options, pattern, beforeClose });
      return { ...run, tcp };
    }
  }
}

/** The same load on an echo of this process, for a short time. */
export async function measureFloor(
  settings: BenchSettings,
  { sockets, ...watch }: Watch & { readonly sockets: Dialer | undefined },
): Promise<Floor> {
  using floor = await openFloor(settings, sockets);
  const duration = Math.min(FLOOR_DURATION, settings.duration);
  const run = await measure({ ...settings, duration, warmup: duration / 2, count: undefined }, floor, watch);
  return { rate: rateIn(run), latencies: run.latencies };
}

/** Echoes of this process; one for each thread, for they would wait for a single one. */
export async function openFloor(
  settings: Pick<BenchSettings, "threads" | "framing" | "maxFrame" | "timeout">,
  sockets?: Dialer,
): Promise<Source & Disposable> {
  using servers = new DisposableStack();
  const targets: Target[] = [];
  while (targets.length < settings.threads) {
    targets.push({ transport: "tcp", host: "127.0.0.1", port: servers.use(await startFloor()).port });
  }
  const [target] = targets;
  if (target === undefined) throw new RangeError("a measurement has at least one thread");
  const options = { ...settings, framing: framingFrom(settings.framing), sockets };
  const open = async (): Promise<FramedConn> => (await connect(target, options)).conn;
  const opened = servers.move();
  return {
    ...{ targets, way: {}, open, openAll: (count: number, watch: OpenWatch) => openMany(open, { count, ...watch }) },
    [Symbol.dispose]: () => opened.dispose(),
  };
}

/** Connects, has one frame echoed, and closes. */
function connectAndEcho(
  source: Source,
  options: Omit<EchoOnceOptions, "frame">,
): (client: number, mark: OnPhase) => Promise<void> {
  let frame = 0;
  return async (_, mark) => {
    const wire = (await source.open(mark)).detach();
    mark("open");
    const onFirstByte = (): void => mark("first_byte");
    const echo = await echoOnce(wire, { ...options, frame: frame++, onFirstByte }).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    mark("echo");
    closeWire(wire);
    if (echo !== undefined) throw echo.error;
  };
}

/** Each client logs in with the password once, before anything is measured, and then with the token of the time before. */
async function logIns(
  source: Source,
  clients: number,
  onOpened: Watch["onOpened"],
): Promise<(client: number, mark: OnPhase) => Promise<void>> {
  const held: { token?: string }[] = Array.from({ length: clients }, () => ({}));
  for (const [number, tokens] of held.entries()) {
    onOpened?.(number);
    await source.logIn?.(tokens);
  }
  return async (client, mark) => await source.logIn?.(held[client] ?? {}, mark);
}
