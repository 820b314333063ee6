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
  // Opened once: a server whose descriptors are used up is still alive, and has to say so.
  let socket: Deno.DatagramConn | undefined;
  let watchdog: ReturnType<typeof setInterval> | undefined;
  /** Sends one datagram. A failure is systemd's to notice: the server works either way. */
  const send = async (message: string): Promise<void> => {
    try {
      socket ??= open(folderOf(path));
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

/** A socket to send from. It needs a name only for as long as it takes to open it. */
function open(folder: string): Deno.DatagramConn {
  const own = `${folder}/.echo-notify-${Deno.pid}-${crypto.randomUUID()}`;
  const socket = Deno.listenDatagram({ transport: "unixpacket", path: own });
  Deno.removeSync(own);
  return socket;
}
