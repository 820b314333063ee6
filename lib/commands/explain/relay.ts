/**
 * The way of the bytes between two connections: each read goes on as it came, in one write, before the next one is made.
 * One buffer a direction, so that a slow reader slows its sender down. A half-close goes on as a half-close.
 *
 * A reset goes on as far as the platform lets it: Deno cannot set SO_LINGER, and sends FIN whenever it closes. The other
 * side is closed at once, with what has come from it left unread, which makes Linux send RST behind the FIN. A program
 * that reads there sees an end, not a reset; one that writes gets EPIPE or ECONNRESET (measured, tests/integration).
 *
 * @module
 */
import { delay } from "../../base/delay.ts";
import type { EndEvent } from "./events.ts";
import { type BothDirections, type Direction, opposite } from "../capture/direction.ts";

/** Read buffer of each direction, in bytes: what TCP on loopback hands over at once, so that reads are shown as they are. */
const READ_BUFFER = 64 * 1024;

/** How long the last words of a side that takes no more wait for the other side to take any of them, in ms. */
const LAST_WORDS = 2000;

/** The part of `Deno.Conn` in use. */
type RelayedConn = Pick<Deno.Conn, "read" | "write" | "close" | "closeWrite">;

/** Is told what passes; must not throw, nor reject. */
export interface RelayWatcher {
  /** Bytes came from a side, and go on meanwhile. They stay, and nothing more is read, until the promise resolves. */
  read(direction: Direction, chunk: Uint8Array): Promise<void>;
  /** A side's direction is over. After its half-close a side may still be found to have reset the connection. */
  end(direction: Direction, kind: EndEvent["kind"]): void;
  /** Both connections are closed. */
  closed(): Promise<void>;
}

/** How one direction went. */
type Outcome =
  /** The sender ended, and the receiver has been told. */
  | "ended"
  /** The sender is gone: reset, or silent for too long. */
  | "sender_lost"
  /** The receiver takes no more. */
  | "receiver_lost";

/**
 * Relays until both directions are over, and closes both connections.
 *
 * @param stop Aborted: both connections are closed at once.
 */
export async function relay(
  conns: BothDirections<RelayedConn>,
  { watcher, stop }: { readonly watcher: RelayWatcher; readonly stop: AbortSignal },
): Promise<void> {
  const closed = new Set<Direction>();
  const close = (direction: Direction): void => {
    if (!closed.has(direction)) conns[direction].close();
    closed.add(direction);
  };
  const closeBoth = (): void => {
    close("client");
    close("server");
  };
  const ended = new Map<Direction, EndEvent["kind"]>();
  const refused = new Map<Direction, EndEvent["kind"]>();
  const end = (direction: Direction, kind: EndEvent["kind"]): void => {
    const before = ended.get(direction);
    if (before !== undefined && (before !== "half-close" || kind !== "reset")) return;
    ended.set(direction, kind);
    watcher.end(direction, stop.aborted ? "stopped" : kind);
  };
  /** Bytes that a side's direction has handed over; aborted when that is over. */
  const passed = { client: 0, server: 0 };
  const over = { client: new AbortController(), server: new AbortController() };
  const direct = async (from: Direction): Promise<void> => {
    const to = opposite(from);
    const { outcome, kind } = await pass(conns[from], conns[to], {
      from,
      watcher,
      onEnd: () => end(from, "half-close"),
      onPassed: (bytes) => passed[from] += bytes,
    });
    over[from].abort();
    if (outcome === "ended" || closed.has(from)) return;
    if (outcome === "sender_lost") {
      end(from, kind);
      // Nobody is there for what the other side sends. Left unread, it makes the close a reset.
      return closeBoth();
    }
    // The receiver's last words are still read and passed on: that direction ends by itself, as its sender is gone.
    refused.set(to, kind);
    // Unless nobody takes them.
    for (let before = -1; passed[to] !== before && !over[to].signal.aborted;) {
      before = passed[to];
      await delay(LAST_WORDS, over[to].signal);
    }
    closeBoth();
  };
  stop.addEventListener("abort", closeBoth);
  try {
    if (!stop.aborted) await Promise.all([direct("client"), direct("server")]);
  } finally {
    stop.removeEventListener("abort", closeBoth);
    closeBoth();
    for (const [direction, kind] of refused) end(direction, kind);
    end("client", "cut");
    end("server", "cut");
    await watcher.closed();
  }
}

/** Passes bytes on in one direction. */
async function pass(from: RelayedConn, to: RelayedConn, { from: direction, watcher, onEnd, onPassed }: {
  readonly from: Direction;
  readonly watcher: RelayWatcher;
  readonly onEnd: () => void;
  readonly onPassed: (bytes: number) => void;
}): Promise<{ readonly outcome: Outcome; readonly kind: EndEvent["kind"] }> {
  const buffer = new Uint8Array(READ_BUFFER);
  for (;;) {
    let read: number | null;
    try {
      read = await from.read(buffer);
    } catch (error) {
      return { outcome: "sender_lost", kind: kindOf(error) };
    }
    if (read === null) onEnd();
    const told = read === null ? undefined : watcher.read(direction, buffer.subarray(0, read));
    try {
      if (read === null) {
        await to.closeWrite();
        return { outcome: "ended", kind: "half-close" };
      }
      for (let at = 0; at < read;) {
        const bytes = await taken(to.write(buffer.subarray(at, read)));
        onPassed(bytes);
        at += bytes;
      }
    } catch (error) {
      return { outcome: "receiver_lost", kind: kindOf(error) };
    } finally {
      await told;
    }
  }
}

/** A write that takes nothing would never end. */
async function taken(write: Promise<number>): Promise<number> {
  const bytes = await write;
  if (bytes === 0) throw new Deno.errors.BrokenPipe("it takes no more bytes");
  return bytes;
}

function kindOf(error: unknown): EndEvent["kind"] {
  const isReset = error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionAborted || error instanceof Deno.errors.NotConnected;
  return isReset ? "reset" : "lost";
}
