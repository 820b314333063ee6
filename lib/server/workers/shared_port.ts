/**
 * A port that several threads of this process accept on (SO_REUSEPORT), and no other process.
 *
 * @module
 */
import { hostPort } from "../../base/address.ts";
import { NetworkError } from "../../base/errors.ts";
import { listenAlone, type OpenListener } from "../../net/listen.ts";
import type { SocketListener, Sockets } from "../../net/wire.ts";
import type { Place } from "./calls.ts";

/**
 * Connections a server with workers makes to itself, to see that no other shares its port: of two servers that share one
 * each takes about half, so that 16 overlook the other once in 65,536 times that both start within the same moment.
 */
const SHARING_PROBES = 16;

/** How long such a connection may take to arrive, in ms; on an overloaded machine it takes some. */
const SHARING_WAIT = 1000;

/**
 * Listens on every place or none, beside other threads that do the same.
 *
 * The system lets any process of the same user share such a port, without an error to either. So the main thread has
 * listened there alone before, and closed again; and with `check`, for the first thread to listen, some connections are
 * made, all of which have to arrive here. Of two servers that took the port within the same moment, at least one learns it.
 *
 * @throws {NetworkError} `port_busy`, also when somebody else is found to share the port; and others.
 */
export async function listenShared(
  places: readonly Place[],
  { check, sockets }: { readonly check: boolean; readonly sockets?: Sockets | undefined },
): Promise<OpenListener[]> {
  const open: OpenListener[] = [];
  try {
    for (const { hostname, port } of places) {
      const address = hostPort(hostname, port);
      const listener = listenAlone({ hostname, port, reusePort: true }, sockets);
      open.push({ listener, address, close: () => closeOnce(listener) });
      if (check && !await isAlone(listener, hostname)) {
        throw new NetworkError("port_busy", `Cannot listen on ${address}: another program uses it`, {
          details: { address, action: "listen on" },
        });
      }
    }
    return open;
  } catch (error) {
    for (const { close } of open) close();
    throw error;
  }
}

/**
 * Whether all that connect arrive here. Nobody has been told of the port yet: who else comes by now is turned away, as if
 * a moment earlier.
 */
async function isAlone(listener: SocketListener<Deno.NetAddr>, hostname: string): Promise<boolean> {
  const { port } = listener.addr;
  for (let probes = 0; probes < SHARING_PROBES; probes++) {
    using probe = await Deno.connect({ hostname, port });
    if (!await arrives(probe.localAddr.port, listener)) return false;
  }
  return true;
}

async function arrives(port: number, listener: SocketListener): Promise<boolean> {
  const timer = setTimeout(() => closeOnce(listener), SHARING_WAIT);
  try {
    for (;;) {
      const conn = await listener.accept();
      conn.close();
      if ("port" in conn.remoteAddr && conn.remoteAddr.port === port) return true;
    }
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function closeOnce(listener: SocketListener): void {
  try {
    listener.close();
  } catch {
    // It is closed already.
  }
}
