/**
 * A reset that its peer sees as one. Deno sends FIN whenever it closes a connection, and behind a FIN the peer reads an end,
 * whatever comes after it. Linux resets a TCP connection at once when it is connected to no address (connect(2), AF_UNSPEC).
 *
 * @module
 */
import { addrOf } from "../../net/uring/sockaddr.ts";
import type { Socket } from "../../net/wire.ts";

/** Resets a connection, so that its peer gets RST; false where that is not possible, and it has to be closed instead. */
export type Resetter = (conn: Pick<Socket, "remoteAddr"> & Partial<Pick<Deno.Conn, "localAddr">>) => boolean;

/** Descriptors that are looked at: more than a server has clients by default. */
const MOST_DESCRIPTORS = 20_000;

/** Resets connections, for as long as it is not disposed of; where the system cannot, it says so at each. */
export function openResetter(): { readonly reset: Resetter } & Disposable {
  const library = openLibrary();
  if (library === undefined) return { reset: () => false, [Symbol.dispose]: () => {} };
  const { getpeername, getsockname, connect } = library.symbols;
  const addressBy = (ask: typeof getpeername, fd: number): Deno.Addr | undefined => {
    const [bytes, length] = [new Uint8Array(128), Uint8Array.of(128, 0, 0, 0)];
    return ask(fd, bytes, length) === 0 ? addrOf(bytes.subarray(0, length[0])) : undefined;
  };
  const portOf = (address: Deno.Addr | undefined): number | undefined =>
    address !== undefined && "port" in address ? address.port : undefined;
  return {
    reset: ({ remoteAddr, localAddr }) => {
      if (!("hostname" in remoteAddr)) return false;
      const own = portOf(localAddr);
      for (let fd = 3; fd < MOST_DESCRIPTORS; fd++) {
        const peer = addressBy(getpeername, fd);
        const isIt = peer !== undefined && "hostname" in peer && peer.port === remoteAddr.port &&
          peer.hostname === remoteAddr.hostname;
        // All connections to one server have one peer.
        if (!isIt || own && portOf(addressBy(getsockname, fd)) !== own) continue;
        // An address family of 0 is AF_UNSPEC.
        return connect(fd, new Uint8Array(16), 16) === 0;
      }
      return false;
    },
    [Symbol.dispose]: () => library.close(),
  };
}

// deno-lint-ignore explicit-function-return-type -- what it gives is what it declares
function openLibrary() {
  if (Deno.build.os !== "linux") return undefined;
  try {
    return Deno.dlopen("libc.so.6", {
      getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
      getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
      connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    });
  } catch {
    return undefined;
  }
}
