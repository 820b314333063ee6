/**
 * Servers that misbehave, for the client to meet.
 *
 * @module
 */

/** A listening server of this process. */
export interface FakeServer extends AsyncDisposable {
  readonly port: number;
  /** How many clients have come. */
  readonly clients: number;
}

/** Does with each client what `serve` says; the connection is closed when it resolves, at the latest at the end. */
export function fakeServer(serve: (conn: Deno.TcpConn) => Promise<void>): FakeServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  const running: Promise<void>[] = [];
  let clients = 0;
  const close = (conn: Deno.TcpConn): void => {
    if (!open.delete(conn)) return;
    try {
      conn.close();
    } catch {
      // Reading to the end has closed it.
    }
  };
  const run = async (conn: Deno.TcpConn): Promise<void> => {
    try {
      await serve(conn);
    } catch {
      // The client has left: what it made of the server is what the test looks at.
    } finally {
      close(conn);
    }
  };
  const accepting = (async (): Promise<void> => {
    for (let conn = await next(listener); conn !== undefined; conn = await next(listener)) {
      clients++;
      open.add(conn);
      running.push(run(conn));
    }
  })();
  return {
    port: listener.addr.port,
    get clients() {
      return clients;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      listener.close();
      await accepting;
      for (const conn of open) close(conn);
      await Promise.all(running);
    },
  };
}

/** Reads and drops what a client sends, to its end. */
export async function swallow(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(65536);
  while (await conn.read(buffer) !== null) { /* dropped */ }
}

/** A port of this machine on which nothing listens. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function next(listener: Deno.TcpListener): Promise<Deno.TcpConn | undefined> {
  try {
    return await listener.accept();
  } catch {
    return undefined;
  }
}
