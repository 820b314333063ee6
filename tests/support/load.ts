/**
 * Clients in numbers, and what they do to a server: connections that never read, processes full of sockets, memory and
 * descriptors.
 *
 * @module
 */
import type { FramedConn } from "../../lib/framed_conn.ts";
import { dial, frame } from "./net.ts";
import { python } from "./python.ts";
import { until } from "./programs.ts";

/** Open descriptors of a process of this machine. */
export function descriptorsOf(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/** Descriptors that a server opens for itself once it is busy, and keeps: the socket pair of lib/net/poll_barrier.ts. */
export const OWN_PAIR = 2;

/** A client that sends and never reads. */
export interface Stalled {
  /** Closes the connection. */
  leave(): Promise<void>;
}

/** Connects, and sends large frames for as long as the server takes them. */
export async function stall(port: number): Promise<Stalled> {
  const conn = await dial(port);
  const wire = frame(new Uint8Array(1024 * 1024));
  const sending = (async (): Promise<void> => {
    for (;;) for (let at = 0; at < wire.length;) at += await conn.write(wire.subarray(at));
  })().catch(() => {/* the server, or the test, has ended it */});
  return {
    async leave(): Promise<void> {
      conn.close();
      await sending;
    },
  };
}

/** A Python process of many clients, which tells in lines what it has reached, until it is told to go on. */
export interface Crowd extends AsyncDisposable {
  readonly pid: number;
  /** The next line it prints. */
  line(): Promise<string>;
  /** Lets it go on: its standard input gets a line. */
  goOn(): Promise<void>;
}

/** Starts a {@linkcode Crowd}; `args` are `sys.argv[1:]`. */
export function crowd(script: string, args: readonly (string | number)[]): Crowd {
  const child = new Deno.Command(python(), {
    args: ["-c", `${PRELUDE}\n${script}`, ...args.map(String)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const stdin = child.stdin.getWriter();
  const lines: string[] = [];
  let isOver = false;
  const reading = (async (): Promise<void> => {
    let text = "";
    for await (const part of child.stdout) {
      text += new TextDecoder().decode(part);
      const whole = text.split("\n");
      text = whole.pop() ?? "";
      lines.push(...whole);
    }
    isOver = true;
  })();
  return {
    pid: child.pid,
    line: () => until(() => lines.shift() ?? (isOver ? "" : undefined), "a line of the crowd", 900_000),
    goOn: () => stdin.write(new TextEncoder().encode("\n")),
    async [Symbol.asyncDispose](): Promise<void> {
      await stdin.close().catch(() => {/* it has ended */});
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await Promise.all([reading, child.status]);
    },
  };
}

const PRELUDE = `
import os, random, resource, select, selectors, signal, socket, struct, sys, time
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

def say(*words): print(*words, flush=True)

def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()

def framed(payload): return struct.pack(">I", len(payload)) + payload

def dial(port, source=None):
    s = socket.socket()
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if source: s.bind((source, 0))
    s.settimeout(60)
    s.connect(("127.0.0.1", port))
    return s

def address(number): return "127.%d.%d.%d" % (1 + number // 62500, number // 250 % 250, 2 + number % 250)
`;

/** The value under which a share of the numbers lies: `percentile(times, 0.99)`. */
export function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? NaN;
}

/** Descriptors that a process of this machine may open at most. */
export function descriptorLimit(): number {
  const limits = Deno.readTextFileSync("/proc/self/limits");
  return Number(/Max open files\s+\d+\s+(\d+)/.exec(limits)?.[1] ?? 1024);
}

/** Round trips of a good client, in ms, one after the other with 2 ms between them, until something is over. */
export async function pingWhile(conn: FramedConn, over: Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let isOver = false;
  const ended = over.finally(() => isOver = true);
  while (!isOver) {
    const began = performance.now();
    await conn.send(`ping ${times.length}`);
    const answer = await conn.receiveText();
    if (answer !== `ping ${times.length}`) throw new Error(`An echo was altered: ${answer}`);
    times.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await ended;
  return times;
}

/** Waits until a count is back at what it was. */
export async function settled(count: () => number, expected: number): Promise<void> {
  await until(() => count() <= expected ? true : undefined, `${expected}, now ${count()}`);
}

/**
 * A crowd that tries to log in: `PORT COUNT CONCURRENT`. Each attempt comes from an address of its own in 127.0.0.0/8 and
 * does not wait for its answer: half of them with a made-up token, half with a made-up proof for a random name.
 */
export const LOGIN_ATTEMPTS = `
import base64
port, count, concurrent = map(int, sys.argv[1:4])
random.seed(1)
b64 = lambda text: base64.b64encode(text.encode())
poll = selectors.DefaultSelector()
open_, done, started = 0, 0, 0

def begin(number):
    s = socket.socket()
    s.setblocking(False)
    s.bind((address(number), 0))
    try: s.connect(("127.0.0.1", port))
    except BlockingIOError: pass
    poll.register(s, selectors.EVENT_READ, [number, 0])

def end(s):
    poll.unregister(s)
    reset(s)

while done < count:
    while open_ < concurrent and started < count:
        begin(started)
        started += 1
        open_ += 1
    for key, _ in poll.select(10):
        s, state = key.fileobj, key.data
        try: data = s.recv(4096)
        except OSError: data = b""
        over = data == b""
        if not over and state[1] == 0:
            state[1] = 1
            if state[0] % 2: s.send(framed(b"AUTH TOKEN es1." + b"A" * 22 + b"." + b"B" * 43)); over = True
            else: s.send(framed(b"AUTH SCRAM-SHA-256 " + b64("n,,n=user%d,r=x" % random.randrange(10**9))))
        elif not over:
            s.send(framed(b64("c=biws,r=x,p=AAAA")))
            over = True
        if over:
            # Its last message is on its way: a reset would overtake it.
            poll.unregister(s)
            s.close()
            done += 1
            open_ -= 1
say(done, "attempts")
sys.stdin.readline()
`;
