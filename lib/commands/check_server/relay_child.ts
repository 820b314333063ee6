/**
 * A process whose only work is one connection. Killed while bytes of the server are unread, it leaves the connection to
 * the system, which resets it: the runtime itself always sends FIN before it closes, and a server that has seen FIN is
 * not told of a reset (found by experiment with Deno 2.7 and 2.9).
 *
 * It does what it is told on standard input: a byte for what, four for a length, big-endian. `W` writes as many bytes as
 * follow; `R` reads that many at most and answers with their number and them, `0` at the end. One read waits for the
 * other, but no write for a read: the server may be waiting for what is written.
 *
 * @module
 */

/** Runs the relay until standard input ends. */
export async function relay(hostname: string, port: number): Promise<void> {
  using conn = await Deno.connect({ hostname, port });
  conn.setNoDelay(true);
  await answer(new Uint8Array(0));
  const head = new Uint8Array(5);
  let reading = Promise.resolve();
  while (await fill(head)) {
    const length = new DataView(head.buffer).getUint32(1);
    const bytes = new Uint8Array(length);
    if (head[0] === 0x57) {
      if (!await fill(bytes)) return;
      for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
    } else {
      const read = async (): Promise<void> => await answer(bytes.subarray(0, await conn.read(bytes) ?? 0));
      // The end of this process is how a reset is told.
      reading = reading.then(read).catch(() => Deno.exit(1));
    }
  }
}

async function fill(bytes: Uint8Array): Promise<boolean> {
  for (let at = 0; at < bytes.length;) {
    const count = await Deno.stdin.read(bytes.subarray(at));
    if (count === null) return false;
    at += count;
  }
  return true;
}

async function answer(bytes: Uint8Array): Promise<void> {
  const frame = new Uint8Array(4 + bytes.length);
  new DataView(frame.buffer).setUint32(0, bytes.length);
  frame.set(bytes, 4);
  for (let at = 0; at < frame.length;) at += await Deno.stdout.write(frame.subarray(at));
}

if (import.meta.main) await relay(Deno.args[0] ?? "", Number(Deno.args[1]));
