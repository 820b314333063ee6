/**
 * The least a server can do, on a thread of this process: what comes is sent back, and nobody looks at it. What the
 * measuring client finds here is the client's own share, and that of the machine's network.
 *
 * @module
 */
import { TCP_BACKLOG } from "../../base/limits.ts";

/** What one read brings at most, in bytes. */
const BUFFER = 256 * 1024;

async function echo(conn: Deno.TcpConn): Promise<void> {
  conn.setNoDelay(true);
  const buffer = new Uint8Array(BUFFER);
  try {
    for (let length = await conn.read(buffer); length !== null; length = await conn.read(buffer)) {
      for (let at = 0; at < length;) at += await conn.write(buffer.subarray(at, length));
    }
  } catch {
    // The client has what it wanted.
  }
  conn.close();
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: TCP_BACKLOG });
self.postMessage(listener.addr.port);
for await (const conn of listener) echo(conn);

declare const self: { postMessage(port: number): void };
