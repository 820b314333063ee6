/**
 * Every bound of both tools, with its reason. Sizes are bytes, times are milliseconds.
 *
 * @module
 */

const KiB = 1024;
const MiB = 1024 * KiB;
const SECOND = 1000;

/**
 * Largest payload, in bytes, once a session is open (`--max-frame`). Echo memory does not follow it (frames pass through
 * span by span); it bounds what `receive()` may collect, and how long one frame can hold a connection.
 */
export const MAX_FRAME = 1 * MiB;

/**
 * Largest payload, in bytes, before log-in. The longest legal dialogue message is a REGISTER with a base64 name of 64
 * code points and a verifier, under 600 bytes; a stranger gets no more than a page.
 */
export const MAX_DIALOGUE_FRAME = 4 * KiB;

/**
 * Read buffer of an idle connection, in bytes. A pending read pins its buffer, so 10,000 idle connections cost
 * 10,000 times this; measured: 7.2 KiB a connection in all with 512 bytes, 61 KiB with 64 KiB.
 */
export const IDLE_BUFFER = 512;

/** Read buffer of a busy connection, in bytes, shared through a pool: larger ones gained nothing in `deno task bench`. */
export const BUSY_BUFFER = 256 * KiB;

/** Busy buffers a pool keeps for the next burst; more are left to the garbage collector. 64 are 16 MiB. */
export const POOLED_BUFFERS = 64;

/** Listen backlog: with the default of 511 a burst of 1,000 connections waits a second for retransmission. */
export const TCP_BACKLOG = 4096;

/** Ports tried one after the other when the wanted one is busy; after that any free one. */
export const PORT_TRIES = 100;

/** Wait after EMFILE before accepting again: doubles from the first to the second value, in ms. */
export const ACCEPT_BACKOFF: readonly [number, number] = [10, 1 * SECOND];

/** From SIGTERM to exit, in ms (`--drain-timeout`). */
export const DRAIN_TIMEOUT = 10 * SECOND;

/** While draining, a session that has been silent this long, in ms, has had its answers and is closed. */
export const DRAIN_QUIET = 100;

/**
 * After our FIN, how long, in ms, the peer's last bytes are read and dropped: closing a socket that still has unread
 * bytes sends a reset, which can destroy the last echoes on their way (RFC 1122, section 4.2.2.13).
 */
export const LINGER = 1 * SECOND;

/** Size at which the log file is rotated, in bytes (`--log-max-size`), and how many old ones are kept (`--log-keep`). */
export const LOG_MAX_SIZE = 10 * MiB;
/** Rotated log files kept beside the current one (`--log-keep`). */
export const LOG_KEEP = 5;

/** Pipe mode of the client: messages, and payload bytes, on their way at once. */
export const PIPE_WINDOW = 256;
/** Payload bytes the client lets be on their way at once in pipe mode; one larger message still travels alone. */
export const PIPE_WINDOW_BYTES = 1 * MiB;

/** How long the client waits for a connection or a reply, in ms (`--timeout`). */
export const CLIENT_TIMEOUT = 10 * SECOND;

/** First and longest wait between two attempts to reconnect, in ms; each is twice the one before. */
export const RECONNECT_DELAY: readonly [number, number] = [250, 30 * SECOND];

/** Lines of history the client keeps. */
export const HISTORY_LINES = 1000;
