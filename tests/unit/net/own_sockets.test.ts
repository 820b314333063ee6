/** Descriptors of this process that are connected. */
import { assert, assertEquals } from "@std/assert";
import { openLibrary } from "../../../lib/base/c_library.ts";
import { connectedSockets, SOCKET_CALLS } from "../../../lib/net/own_sockets.ts";

Deno.test({
  name: "connectedSockets() passes over sockets that are not of IP, whoever has opened them",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const library = openLibrary({
      ...SOCKET_CALLS,
      socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
      close: { parameters: ["i32"], result: "i32" },
    });
    assert(library !== undefined);
    // AF_NETLINK, SOCK_RAW: the kernel is its peer, with an address of 12 bytes.
    const netlink = library.symbols.socket(16, 3, 0);
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    using conn = await Deno.connect({ port: listener.addr.port });
    try {
      const peers = [...connectedSockets(library.symbols)].map(({ peer, local }) => [peer.port, local()?.port]);
      assertEquals(peers.filter(([port]) => port === listener.addr.port), [[listener.addr.port, conn.localAddr.port]]);
    } finally {
      library.symbols.close(netlink);
      library.close();
    }
    (await listener.accept()).close();
  },
});
