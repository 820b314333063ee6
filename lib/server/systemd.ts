/**
 * What systemd wants to know (sd_notify(3)): that the server is ready, that it stops, and, with `WatchdogSec=`, that it
 * still lives. Does nothing where nobody asks: without `NOTIFY_SOCKET`. And what it passes: listening sockets
 * (sd_listen_fds(3)).
 *
 * @module
 */

/** Tells systemd. */
export interface Notifier extends Disposable {
  /** The server listens. */
  ready(): Promise<void>;
  /** The server accepts nobody new. */
  stopping(): Promise<void>;
}

/**
 * The notifier of this process.
 *
 * @param environment Looks an environment variable up.
 */
export function systemdNotifier(environment: (name: string) => string | undefined): Notifier {
  const path = environment("NOTIFY_SOCKET");
  // An abstract socket (`@…`) has no name that Deno could send to.
  if (path === undefined || !path.startsWith("/")) {
    return { ready: () => Promise.resolve(), stopping: () => Promise.resolve(), [Symbol.dispose]: () => {} };
  }
  const watchdogMs = Number(environment("WATCHDOG_USEC") ?? 0) / 1000;
  // Opened once: a server whose descriptors are used up is still alive, and has to say so.
  let socket: Deno.DatagramConn | undefined;
  let watchdog: ReturnType<typeof setInterval> | undefined;
  /** Sends one datagram. A failure is systemd's to notice: the server works either way. */
  const send = async (message: string): Promise<void> => {
    try {
      socket ??= open();
      await socket.send(new TextEncoder().encode(message), { transport: "unixpacket", path });
    } catch {
      // See above.
    }
  };
  return {
    async ready(): Promise<void> {
      await send(`READY=1\nMAINPID=${Deno.pid}`);
      if (watchdogMs > 0) watchdog = setInterval(() => void send("WATCHDOG=1"), watchdogMs / 2);
    },
    stopping: () => send("STOPPING=1"),
    [Symbol.dispose](): void {
      clearInterval(watchdog);
      socket?.close();
    },
  };
}

/** The first descriptor that is passed: SD_LISTEN_FDS_START. */
const FIRST_PASSED = 3;

/**
 * The descriptors of the sockets that systemd, or whoever speaks as it does, has passed to this process; none as a rule.
 * Variables that were meant for another process name none.
 *
 * @param environment Looks an environment variable up.
 *
 * @example
 * ```ts
 * import { passedSockets } from "./systemd.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const environment = new Map([["LISTEN_PID", "812"], ["LISTEN_FDS", "2"]]);
 * assertEquals(passedSockets((name) => environment.get(name), 812), [3, 4]);
 * assertEquals(passedSockets((name) => environment.get(name), 813), []);
 * ```
 */
export function passedSockets(environment: (name: string) => string | undefined, pid: number): number[] {
  const count = environment("LISTEN_FDS") ?? "";
  if (environment("LISTEN_PID") !== String(pid) || !/^\d{1,4}$/.test(count)) return [];
  return Array.from({ length: Number(count) }, (_, at) => FIRST_PASSED + at);
}

/**
 * A socket to send from. It needs a name only for as long as it takes to open it, in a folder that a user without rights
 * can write: systemd's own is not one.
 */
function open(): Deno.DatagramConn {
  const folder = Deno.makeTempDirSync({ prefix: "echo-notify-" });
  try {
    return Deno.listenDatagram({ transport: "unixpacket", path: `${folder}/s` });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
