/**
 * What systemd wants to know (sd_notify(3)): that the server is ready, that it stops, and, with `WatchdogSec=`, that it
 * still lives. Does nothing where nobody asks: without `NOTIFY_SOCKET`.
 *
 * @module
 */
import { folderOf } from "../base/files.ts";

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
  let watchdog: ReturnType<typeof setInterval> | undefined;
  return {
    async ready(): Promise<void> {
      await send(path, `READY=1\nMAINPID=${Deno.pid}`);
      if (watchdogMs > 0) watchdog = setInterval(() => void send(path, "WATCHDOG=1"), watchdogMs / 2);
    },
    stopping: () => send(path, "STOPPING=1"),
    [Symbol.dispose]: () => clearInterval(watchdog),
  };
}

/** Sends one datagram. A failure is systemd's to notice: the server works either way. */
async function send(path: string, message: string): Promise<void> {
  const own = `${folderOf(path)}/.echo-notify-${Deno.pid}-${crypto.randomUUID()}`;
  try {
    const socket = Deno.listenDatagram({ transport: "unixpacket", path: own });
    try {
      await socket.send(new TextEncoder().encode(message), { transport: "unixpacket", path });
    } finally {
      socket.close();
      Deno.removeSync(own);
    }
  } catch {
    // See above.
  }
}
