/**
 * A reset that its peer sees as one. Deno sends FIN whenever it closes a connection, and behind a FIN the peer reads an end,
 * whatever comes after it. Linux resets a TCP connection at once when it is connected to no address (connect(2), AF_UNSPEC).
 *
 * @module
 */
import { openLibrary } from "../../base/c_library.ts";
import { connectedSockets, SOCKET_CALLS } from "../../net/own_sockets.ts";
import type { Socket } from "../../net/wire.ts";

/** Resets a connection, so that its peer gets RST; false where that is not possible, and it has to be closed instead. */
export type Resetter = (conn: Pick<Socket, "remoteAddr"> & Partial<Pick<Deno.Conn, "localAddr">>) => boolean;

/** Resets connections, for as long as it is not disposed of; where the system cannot, it says so at each. */
export function openResetter(): { readonly reset: Resetter } & Disposable {
  const library = openLibrary({
    ...SOCKET_CALLS,
    connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  });
  if (library === undefined) return { reset: () => false, [Symbol.dispose]: () => {} };
  return {
    reset: ({ remoteAddr, localAddr }) => {
      if (!("hostname" in remoteAddr)) return false;
      const own = localAddr !== undefined && "port" in localAddr ? localAddr.port : undefined;
      for (const { fd, peer, local } of connectedSockets(library.symbols)) {
        if (peer.port !== remoteAddr.port || peer.hostname !== remoteAddr.hostname) continue;
        // All connections to one server have one peer.
        if (own !== undefined && local()?.port !== own) continue;
        // An address family of 0 is AF_UNSPEC.
        return library.symbols.connect(fd, new Uint8Array(16), 16) === 0;
      }
      return false;
    },
    [Symbol.dispose]: () => library.close(),
  };
}
