/**
 * What may stand on a path: proxies of TCP that do something to bytes or connections.
 *
 * @module
 */
import { delay } from "../../lib/base/delay.ts";
import { writeAll } from "./net.ts";

/** What a middlebox does. */
export interface MiddleboxSpec {
  /** The port of the server; without it the host is dead. */
  readonly to?: number;
  /** Changes the bytes of each direction in place, or gives others for them. */
  readonly change?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> | void;
  /** Drops a connection on which nothing passed for so long, in ms: with FIN, or without a word. */
  readonly idle?: { readonly ms: number; readonly how: "closes" | "forgets" };
  /** Says so first. */
  readonly banner?: string;
  /** Ends both directions once so many bytes have come from the client. */
  readonly endsAfter?: number;
  /** Holds the first bytes of a server up, in ms. */
  readonly holds?: number;
  /** Passes a FIN on as the end of both directions. */
  readonly fullClose?: boolean;
}

/** A middlebox on a port of its own. */
export interface Middlebox extends AsyncDisposable {
  readonly port: number;
}

/** Starts a middlebox. */
export function middlebox(spec: MiddleboxSpec): Middlebox {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const running = new Set<Promise<void>>();
  const open = new Set<Deno.TcpConn>();
  const accepting = (async (): Promise<void> => {
    for (;;) {
      const client = await listener.accept().catch(() => undefined);
      if (client === undefined) return;
      open.add(client);
      const one: Promise<void> = pass(client, spec, open).finally(() => running.delete(one));
      running.add(one);
    }
  })();
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose](): Promise<void> {
      listener.close();
      for (const conn of open) conn.close();
      open.clear();
      await accepting;
      await Promise.all(running);
    },
  };
}

async function pass(
  client: Deno.TcpConn,
  { to, change, idle, fullClose, banner, endsAfter = Infinity, holds = 0 }: MiddleboxSpec,
  open: Set<Deno.TcpConn>,
): Promise<void> {
  const end = (conn: Deno.TcpConn): void => {
    if (open.delete(conn)) conn.close();
  };
  // The host is dead: nobody to pass anything to, and the client is told no earlier than that is found out.
  const server = to === undefined
    ? undefined
    : await Deno.connect({ hostname: "127.0.0.1", port: to }).catch(() => undefined);
  if (server === undefined) {
    await client.read(new Uint8Array(1024)).catch(() => null);
    return end(client);
  }
  open.add(server);
  for (const conn of [client, server]) if (open.has(conn)) conn.setNoDelay(true);
  if (banner !== undefined) await writeAll(client, new TextEncoder().encode(banner));
  let [isForgotten, passed, held] = [false, 0, holds];
  const drop = (): void => {
    isForgotten = true;
    if (idle?.how === "closes") { for (const conn of [client, server]) end(conn); }
  };
  let timer = idle === undefined ? undefined : setTimeout(drop, idle.ms);
  const direct = async (from: Deno.TcpConn, into: Deno.TcpConn): Promise<void> => {
    const buffer = new Uint8Array(65_536);
    try {
      for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
        if (isForgotten) continue;
        if (from === client) passed += read;
        if (passed > endsAfter) return [client, server].forEach(end);
        if (from === server && held > 0) await delay(held);
        if (from === server) held = 0;
        if (idle !== undefined) {
          clearTimeout(timer);
          timer = setTimeout(drop, idle.ms);
        }
        const bytes = buffer.subarray(0, read);
        await writeAll(into, change?.(bytes) ?? bytes);
      }
      if (fullClose === true) return [from, into].forEach(end);
      if (!isForgotten) await into.closeWrite();
    } catch {
      [from, into].forEach(end);
    }
  };
  await Promise.all([direct(client, server), direct(server, client)]);
  clearTimeout(timer);
  [client, server].forEach(end);
}
