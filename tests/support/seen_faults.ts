/**
 * Every fault, by word, and what a client of Python's sockets has to see of it: see `seen_faults.py`.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { explain } from "./explain_proxy.ts";
import { python } from "./python.ts";
import { startServer } from "./tools.ts";

/** Who has the fault, and in which direction. */
export const PLACES = ["server down", "server up", "explain down", "explain up"] as const;

/** One of them. */
export type Place = typeof PLACES[number];

/** A fault, and the check that has to find it. */
export interface SeenFault {
  readonly fault: string;
  /** What is promised, in words. */
  readonly promise: string;
  /** A function of `seen_faults.py`, with arguments behind the port; `up` where another one is for that way, `upInServer` for that in a server. */
  readonly check: readonly [string, ...string[]];
  readonly up?: readonly [string, ...string[]];
  readonly upInServer?: readonly [string, ...string[]];
  /** Of time: a busy machine may be off. */
  readonly isTimed?: true;
  readonly udp?: true;
  /** The server does not tell its own clients' wrong frames from theirs: it answers them as any server would. */
  readonly notUpInServer?: true;
}

/** See the module. */
export const SEEN_FAULTS: readonly SeenFault[] = [
  { fault: "latency=100ms", promise: "100 ms later", check: ["latency"], isTimed: true },
  { fault: "latency=100ms±20ms", promise: "80 to 120 ms, evenly (σ 11.5)", check: ["jitter"], isTimed: true },
  { fault: "latency=100ms±20ms,distribution=normal", promise: "σ 20 ms", check: ["normal"], isTimed: true },
  {
    fault: "latency=100ms±20ms,distribution=pareto",
    promise: "never earlier, median 108.3 ms",
    check: ["pareto"],
    isTimed: true,
  },
  { fault: "rate=200KiB/s", promise: "200 KiB/s", check: ["rate"], isTimed: true },
  {
    fault: "split=3B",
    promise: "60 bytes in 20 writes, 5 ms apart",
    check: ["split"],
    // The server returns nothing of a header before that is whole: what it reads in two goes back in one.
    upInServer: ["split", "6"],
    isTimed: true,
  },
  { fault: "coalesce=200ms", promise: "5 frames in one write after 200 ms", check: ["coalesce"], isTimed: true },
  { fault: "stall=1s,stall-after=50B", promise: "50 bytes, then nothing for 1 s", check: ["stall"], isTimed: true },
  { fault: "close-after=10B", promise: "10 bytes and FIN", check: ["ended", "FIN"], notUpInServer: true },
  { fault: "close-after=500ms", promise: "FIN after 500 ms", check: ["ended", "FIN", "timed"], isTimed: true },
  {
    fault: "reset-after=10B",
    promise: "10 bytes and RST",
    check: ["ended", "RST"],
    up: ["reset_up"],
    notUpInServer: true,
  },
  { fault: "reset-after=500ms", promise: "RST after 500 ms", check: ["ended", "RST", "timed"], isTimed: true },
  { fault: "truncate=1/3", promise: "frame 3 is cut off, and FIN", check: ["truncate"], notUpInServer: true },
  { fault: "length=1/3", promise: "frame 3 announces another length", check: ["length"], notUpInServer: true },
  { fault: "flip=1/2", promise: "one bit of every 2nd frame", check: ["flip"] },
  { fault: "drop=1/3", promise: "every 3rd is lost", check: ["order", "[1,2,4,5,7,8,10,11]"] },
  { fault: "duplicate=1/4", promise: "every 4th comes twice", check: ["order", "[1,2,3,4,4,5,6,7,8,8,9,10,11,12,12]"] },
  {
    fault: "reorder=1/5",
    promise: "every 5th comes behind the next",
    check: ["order", "[1,2,3,4,6,5,7,8,9,11,10,12]"],
  },
  { fault: "refuse=1/2", promise: "every 2nd connection is reset", check: ["refuse"] },
  { fault: "accept-delay=500ms", promise: "500 ms before anything", check: ["accept_delay"], isTimed: true },
  { fault: "latency=100ms,share=1/2", promise: "every 2nd connection", check: ["share"], isTimed: true },
  { fault: "drop=1/3", promise: "every 3rd is lost", check: ["udp_order", "[1,2,4,5,7,8,10,11]"], udp: true },
  {
    fault: "duplicate=1/4",
    promise: "every 4th comes twice",
    check: ["udp_order", "[1,2,3,4,4,5,6,7,8,8,9,10,11,12,12]"],
    udp: true,
  },
  {
    fault: "reorder=1/5",
    promise: "every 5th comes behind the next",
    check: ["udp_order", "[1,2,3,4,6,5,7,8,9,11,10,12]"],
    udp: true,
  },
  { fault: "flip=1/2", promise: "one bit of every 2nd", check: ["udp_flip"], udp: true },
  { fault: "truncate=1/3", promise: "every 3rd is shorter", check: ["udp_sizes"], udp: true },
  { fault: "latency=100ms", promise: "100 ms later", check: ["udp_latency"], udp: true, isTimed: true },
  { fault: "rate=100KiB/s", promise: "100 KiB/s", check: ["udp_rate"], udp: true, isTimed: true },
];

/** Chance in every fault of frames: the same seed has to give the same bytes. */
export const CHANCES = "flip=20%,drop=20%,duplicate=20%,reorder=20%,length=5%";

const SCRIPT = fromFileUrl(new URL("./seen_faults.py", import.meta.url));

/** What a check saw, and whether that is what was promised. */
export interface Seen {
  readonly seen: string;
  readonly ok: boolean;
}

/** What the check sees of a fault at a place. */
export async function seenAtPlace(
  one: SeenFault,
  at: { readonly place: Place; readonly to: number },
): Promise<Seen> {
  await using place = await startAtPlace(one, at);
  return await place.see();
}

/** A tool with the fault, and the check of it, which may be done again. */
export async function startAtPlace(
  { fault, check, up = check, upInServer = up, udp }: SeenFault,
  { place, to }: { readonly place: Place; readonly to: number },
): Promise<AsyncDisposable & { readonly see: () => Promise<Seen> }> {
  const [tool, way] = place.split(" ");
  const seen = way === "down" ? check : tool === "server" ? upInServer : up;
  const args = ["--fault", `${way}:${fault}`, "--framing", "u32", ...udp ? ["--udp"] : []];
  const started = tool === "server" ? await startServer({ args }) : await explain(to, ...args);
  return {
    see: () => seenAt(started.port, seen),
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  };
}

/** What a check saw on a port. */
async function seenAt(
  port: number,
  [name, ...args]: SeenFault["check"],
): Promise<Seen> {
  const { stdout } = await new Deno.Command(python(), {
    args: [SCRIPT, name, String(port), ...args],
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Starts an echo of bytes and datagrams that knows nothing of frames. */
export async function startPlainEcho(): Promise<AsyncDisposable & { readonly port: number }> {
  const child = new Deno.Command(python(), { args: [SCRIPT, "serve"], stdin: "null", stdout: "piped" }).spawn();
  const reader = child.stdout.getReader();
  const port = Number(new TextDecoder().decode((await reader.read()).value));
  return {
    port,
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}
