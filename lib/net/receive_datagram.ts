/**
 * Receiving datagrams, whatever became of those that were sent.
 *
 * @module
 */
import { delay } from "../base/delay.ts";
import { DATAGRAM_BUFFER } from "../base/limits.ts";

/** A datagram and its sender; `undefined` once the socket is closed. */
export async function receiveDatagram(
  socket: Pick<Deno.DatagramConn, "receive">,
  buffer: Uint8Array = new Uint8Array(DATAGRAM_BUFFER),
): Promise<[Uint8Array, Deno.Addr] | undefined> {
  for (;;) {
    try {
      return await socket.receive(buffer);
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return undefined;
      // Windows tells here that an earlier answer reached nobody; whatever it is, it must not end the service, nor spin.
      await delay(1);
    }
  }
}
