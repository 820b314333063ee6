/**
 * Bounds that several rooms share, that options default to, or that the promises of security rest on, each with its reason.
 * Sizes are bytes, times are milliseconds.
 *
 * @module
 */

const KiB = 1024;
const MiB = 1024 * KiB;
const SECOND = 1000;
/** In ms. */
export const DAY = 24 * 3600 * SECOND;

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
 * 10,000 times this; measured: 7.4 KiB a connection in all with 384 bytes, 7.5 with 512, 61 with 64 KiB.
 */
export const IDLE_BUFFER = 384;

/** Read buffer of a busy connection, in bytes, shared through a pool: larger ones gained nothing in `deno task bench`. */
export const BUSY_BUFFER = 256 * KiB;

/**
 * While no more than these are in use, 8 MiB, a connection keeps its busy buffer between two bursts, however long the
 * pause: it may hold one for as long as it is idle. Three fourths of those there are stay for the others.
 */
export const RESTING_BUFFERS = 32;

/** Listen backlog: with the default of 511 a burst of 1,000 connections waits a second for retransmission. */
export const TCP_BACKLOG = 4096;

/** Most workers (`--workers`): beyond the cores of any machine this is for. Each takes about 18 MiB. */
export const MAX_WORKERS = 64;

/**
 * Connections accepted in a row before others get their turn: Deno answers an accept that is ready at once, so that a
 * burst of 10,000 would keep everybody else waiting for seconds. With 8, 1,000 busy connections took half as long again
 * to be accepted all.
 */
export const ACCEPT_BURST = 16;

/** From SIGTERM to exit, in ms (`--drain-timeout`). */
export const DRAIN_TIMEOUT = 10 * SECOND;

/**
 * After our FIN, how long, in ms, the peer's last bytes are read and dropped: closing a socket that still has unread
 * bytes sends a reset, which can destroy the last echoes on their way (RFC 1122, section 4.2.2.13).
 */
export const LINGER = 1 * SECOND;

/** Size at which the log file is rotated, in bytes (`--log-max-size`), and how many old ones are kept (`--log-keep`). */
export const LOG_MAX_SIZE = 10 * MiB;
/** Rotated log files kept beside the current one (`--log-keep`). */
export const LOG_KEEP = 5;

/** How long the client waits for a connection or a reply, in ms (`--timeout`). */
export const CLIENT_TIMEOUT = 10 * SECOND;

/** Lines of history the client keeps. */
export const HISTORY_LINES = 1000;

// Log-in.

/**
 * PBKDF2 rounds of a new verifier: the OWASP Password Storage Cheat Sheet's figure for PBKDF2-HMAC-SHA-256, about 100 ms
 * of one core.
 */
export const SCRAM_ITERATIONS = 600_000;

/** Fewest rounds a client agrees to: RFC 7677, section 4. Fewer would hand a false server a proof that is cheap to guess from. */
export const MIN_ITERATIONS = 4096;

/** Most rounds a client agrees to, about a third of a second: a server must not be able to make it compute for hours. */
export const MAX_ITERATIONS = 2_000_000;

/** Salt of a new verifier, in bytes: what PostgreSQL uses, and what RFC 8018, section 4.1, calls enough twice over. */
export const SALT_BYTES = 16;

/** Random bytes of one side's SCRAM nonce: PostgreSQL's 18, which are 24 characters of base64 without padding. */
export const NONCE_BYTES = 18;

/** Fewest characters of a new password, after SASLprep: NIST SP 800-63B, section 5.1.1.2. */
export const MIN_PASSWORD = 8;

/** Largest new password, in bytes of UTF-8: a phrase of any length people type, and far inside the dialogue's frame. */
export const MAX_PASSWORD = 1024;

/** Most code points of a user's or host's name, after NFC. */
export const MAX_NAME = 64;

/** A session token that was not used for this long, in ms, is refused: log in once a day and the password is not asked. */
export const SESSION_IDLE = DAY;

/** Bytes of the id that all tokens of a log-in share. */
export const FAMILY_BYTES = 12;

/** From log-in with a password until its tokens end for good, in ms: bounds what a thief of the token file gains. */
export const SESSION_LIFETIME = 7 * DAY;

/**
 * A token that has been replaced is answered with its successor for this long, in ms: the reply that carried it may have
 * been lost with the connection. Used later, it is a copy, and its family is revoked.
 */
export const ROTATION_GRACE = 60 * SECOND;

/** Failed log-ins of one connection (`--max-attempts`): the reply to the last one closes it. */
export const MAX_ATTEMPTS = 3;

/** How long a store waits for another process to release its lock, in ms. */
export const STORE_LOCK_WAIT = 5 * SECOND;

/** How often a server asks its store for revocations, in ms: one made by another process is noticed within two seconds. */
export const REVOCATION_POLL = 1 * SECOND;

/** Revocations a store remembers; a server that missed more looks its sessions up again. */
export const REVOCATIONS_KEPT = 10_000;

/** Failed log-ins a store remembers, of all addresses together: about 1 MiB. The oldest go. */
export const ATTEMPTS_KEPT = 10_000;

/** How far the clocks of two servers on one store may be apart, in ms: what is later than that was made by a wrong clock. */
export const CLOCK_SKEW = 60 * SECOND;

/** Tokens of a family within their grace at once: of those replaced faster, the older ones count as used again. */
export const FAMILY_TOKENS = 100;

/**
 * How long a store keeps a session after its family began, in ms: a day more than the absolute expiry of seven, so that
 * a client that comes late is told "expired".
 */
export const SESSION_RETENTION = 8 * 24 * 60 * 60 * SECOND;

/** Sessions a user may have at once; the one begun first makes room for the next. */
export const SESSIONS_PER_USER = 10;

/** PBKDF2 runs waiting on the server; with one running at 100 ms, the last waits 3 s. More are answered 421. */
export const PASSWORD_QUEUE = 32;

/**
 * Wait after a failed log-in, in ms, by how many there were from the address within {@linkcode PENALTY_WINDOW}; the last
 * one is kept for all further ones. Guesses of one address are checked one after the other, so these are at most four a
 * minute, however many connections it opens and whatever accounts it has. A bearable wait for a typing error.
 */
export const PENALTIES: readonly number[] = [2 * SECOND, 4 * SECOND, 8 * SECOND, 15 * SECOND];

/**
 * Failed log-ins at one account within {@linkcode PENALTY_WINDOW}, from wherever, before its further ones wait as those of an
 * address do: a botnet, or all those behind a proxy on this machine, get four guesses a minute at it.
 */
export const ACCOUNT_GUESSES = 20;

/** Names that the plain dialogue tells an address to be known or not, at once and then a second: 100 is a class. */
export const NAMES_TOLD = { burst: 100, perSecond: 1 } as const;

/** New users, of one address, at once and then a second: a class, and then six a minute. */
export const REGISTRATIONS = { burst: 100, perSecond: 0.1 } as const;

/** New users in all, at once and then a second: about 3 KiB each. */
export const REGISTRATIONS_IN_ALL = { burst: 1000, perSecond: 1 } as const;

/** Users that strangers may make; whoever runs the server may add more. */
export const MAX_USERS = 10_000;

/** How long a failed log-in counts against its address, in ms. */
export const PENALTY_WINDOW = 15 * 60 * SECOND;

/** What a client waits for a dialogue's reply beyond `--timeout`, in ms: the longest penalty, and the queue before PBKDF2. */
export const LOGIN_PATIENCE = 20 * SECOND;

/** How long a client at a terminal waits for a greeting, in ms, before it takes the server for one without a dialogue. */
export const GREETING_WAIT = 200;

// Explain: the proxy that shows the wire.

// Limits of the server against clients that are too many, too slow or silent.

/**
 * Connections at once (`--max-connections`), or 80 % of what the descriptor limit turns out to allow. Measured: an idle one
 * costs about 7 KiB, so these are 70 MiB.
 */
export const MAX_CONNECTIONS = 10_000;

/** Connections in the dialogue at once (`--max-unauthenticated`): strangers must not use up what users need. */
export const MAX_UNAUTHENTICATED = 100;

/** Connections from one address (`--max-per-address`): more than a class behind one gateway has, far fewer than a flood. */
export const MAX_PER_ADDRESS = 100;

/** The whole dialogue, in ms (`--dialogue-timeout`): people type, and choose a password twice. */
export const DIALOGUE_TIMEOUT = 60 * SECOND;

/** A begun frame as a whole, in ms (`--frame-timeout`), not from the last byte: a byte a second gains nothing. */
export const FRAME_TIMEOUT = 10 * SECOND;

/** A frame has {@linkcode FRAME_TIMEOUT_STEP} more for each of these, in bytes: 64 KiB a second is a slow modern line. */
export const FRAME_TIMEOUT_BYTES = 64 * KiB;
/** See {@linkcode FRAME_TIMEOUT_BYTES}; in ms. */
export const FRAME_TIMEOUT_STEP = 1 * SECOND;

/** Silence between frames, in ms (`--idle-timeout`): long enough for a person who reads, short enough to be noticed. */
export const IDLE_TIMEOUT = 600 * SECOND;

/** A write that a peer does not take, in ms (`--write-timeout`): it holds a buffer of up to {@linkcode BUSY_BUFFER}. */
export const WRITE_TIMEOUT = 10 * SECOND;

/**
 * Bytes that may wait for a slow reader (`--max-pending`). The echo reads nothing more while bytes wait, so at most one
 * buffer does, and none grows beyond this.
 */
export const MAX_PENDING = 1 * MiB;

// Datagrams.

/** Room for any datagram, in bytes: what does not fit into the buffer it is read with is lost. */
export const DATAGRAM_BUFFER = 64 * KiB;

/**
 * Datagrams that one address is answered a second, and at once after a pause. Two echo services that a forged sender has
 * set on each other pass one around many thousand times a second in a local network: the first that is not answered
 * ends it.
 */
export const DATAGRAM_RATE = 1000;
