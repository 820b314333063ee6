/**
 * What stands between a connection that echoes by itself and the frames that it echoes.
 *
 * @module
 */

/** Told of every read and write of an echo, in turn. */
export interface EchoSink {
  /**
   * `bytes[start, end)` came in; they are gone after the call.
   *
   * @returns Up to where they go back; before `end`, the echo ends after that.
   */
  received(bytes: Uint8Array, start: number, end: number): number;
  /** So many have gone back: all that were to go, or 0 when the connection was lost meanwhile. */
  sent(bytes: number): void;
}

/** A connection that can echo by itself; {@linkcode EchoSink} decides what. */
export interface SelfEchoing {
  /** Resolves with what was not to go back, or with `null` at the peer's end. */
  echo(sink: EchoSink): Promise<Uint8Array | null>;
}
