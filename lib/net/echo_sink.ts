/**
 * What stands between a connection that echoes by itself and the frames that it echoes.
 *
 * @module
 */

/** Where an echo borrows a large buffer while more comes than fits a small one. */
export interface LargeBuffers {
  /** Whether a large buffer may be kept over a pause. */
  readonly isRoomy: boolean;
  /** None where too many are in use. */
  lend(): Uint8Array<ArrayBuffer> | undefined;
  /** Nothing reads into it or writes from it any more. */
  takeBack(buffer: Uint8Array<ArrayBuffer>): void;
}

/** Told of every read and write of an echo, in turn. */
export interface EchoSink {
  /** Large buffers to read into. */
  readonly large: LargeBuffers;
  /**
   * `bytes[start, end)` came in; they are gone after the call.
   *
   * @returns Up to where they go back; before `end`, the echo ends after that.
   */
  received(bytes: Uint8Array, start: number, end: number): number;
  /** So many have gone back: all that were to go, or 0 when the connection was lost meanwhile. */
  sent(bytes: number): void;
  /** The echo is over: with what was not to go back, or with `null` at the peer's end. */
  ended(rest: Uint8Array | null): void;
  /** The echo is over: the connection was lost, or closed. */
  failed(error: Error): void;
}

/** A connection that can echo by itself; {@linkcode EchoSink} decides what. */
export interface SelfEchoing {
  /**
   * Echoes until `sink` is told that it is over. No promise: one that is waited for costs an idle connection 0.5 KiB.
   *
   * @throws What `read` rejects with, where it cannot begin.
   */
  echo(sink: EchoSink): void;
}

/** Who is told of an echo's end. */
export interface EchoOwner {
  /**
   * The echo is over.
   *
   * @param error What `FramedConn.receive` throws; undefined at the peer's end.
   */
  echoed(error?: unknown): void;
}
