/**
 * Calls between the main thread and a worker, in both directions and in the order in which they are made. What one turn
 * of the event loop says travels as one message: under load a message costs more than what is in it.
 *
 * @module
 */
import { type PackedError, packError, unpackError } from "./error_transfer.ts";

/** The way between two threads; `Worker` and the global scope of a worker have it. */
export interface Port {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

/** The part of `Worker` in use. */
export interface Thread extends Port {
  terminate(): void;
  addEventListener(type: "message" | "messageerror", listener: (event: MessageEvent) => void): void;
  addEventListener(type: "error", listener: (event: ErrorEvent) => void): void;
}

/** What one side can be asked. */
type Calls<Names> = { readonly [Name in keyof Names]: (...args: never[]) => unknown };

type Packet =
  /** A call; without an `id` nobody waits for its answer. */
  | { readonly name: string; readonly args: readonly unknown[]; readonly id?: number }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: PackedError };

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * One end of the way: `Theirs` is what the other side can be asked, the answers given here are this side's.
 *
 * @example Two ends in one thread
 * ```ts
 * import { Link } from "./worker_link.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { port1, port2 } = new MessageChannel();
 * new Link(port1).answer({ double: (value: number) => 2 * value });
 * const link = new Link<{ double(value: number): number }>(port2);
 * port1.start();
 * port2.start();
 * assertEquals(await link.call("double", 21), 42);
 * port1.close();
 * port2.close();
 * ```
 */
export class Link<Theirs extends Calls<Theirs> = Record<never, never>> {
  readonly #port: Port;
  #answers: ReadonlyMap<string, (...args: readonly unknown[]) => unknown> = new Map();
  readonly #waiting = new Map<number, Waiting>();
  #outbox: Packet[] = [];
  #lastId = 0;
  #ended: unknown;

  constructor(port: Port) {
    this.#port = port;
    port.addEventListener("message", ({ data }: MessageEvent<readonly Packet[]>) => {
      for (const packet of data) this.#take(packet);
    });
  }

  /** Tells what this side does when it is asked, by name; a promise is waited for. */
  answer(answers: object): void {
    // The boundary: the other side's calls were checked there, against the interface that these answers have.
    this.#answers = new Map(Object.entries(answers));
  }

  /**
   * Asks, and resolves to the answer.
   *
   * @throws What the other side's answer threw; the reason given to {@linkcode Link.end}.
   */
  call<Name extends keyof Theirs & string>(
    name: Name,
    ...args: Parameters<Theirs[Name]>
  ): Promise<Awaited<ReturnType<Theirs[Name]>>> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended);
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve: (value) => resolve(value as Awaited<ReturnType<Theirs[Name]>>), reject });
      this.#post({ name, args, id });
    });
  }

  /** Asks for something whose answer does not matter. */
  tell<Name extends keyof Theirs & string>(name: Name, ...args: Parameters<Theirs[Name]>): void {
    this.#post({ name, args });
  }

  /** Whether the other side is gone. */
  get isEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** The other side is gone: calls that wait, and later ones, are refused with `reason`. */
  end(reason: unknown): void {
    this.#ended ??= reason;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }

  #post(packet: Packet): void {
    if (this.#ended !== undefined) return;
    if (this.#outbox.length === 0) queueMicrotask(() => this.#flush());
    this.#outbox.push(packet);
  }

  #flush(): void {
    const packets = this.#outbox;
    this.#outbox = [];
    if (this.#ended === undefined) this.#port.postMessage(packets);
  }

  #take(packet: Packet): void {
    if ("name" in packet) return void this.#answer(packet);
    const waiting = this.#waiting.get(packet.id);
    this.#waiting.delete(packet.id);
    if ("error" in packet) waiting?.reject(unpackError(packet.error));
    else waiting?.resolve(packet.value);
  }

  async #answer({ name, args, id }: Extract<Packet, { name: string }>): Promise<void> {
    try {
      const answer = this.#answers.get(name);
      if (answer === undefined) throw new TypeError(`Cannot answer ${name}: there is no such call`);
      const given = answer(...args);
      // What is there at once is sent at once, together with what else this turn has to say.
      const value = given instanceof Promise ? await given : given;
      if (id !== undefined) this.#post({ id, value });
    } catch (error) {
      // Nobody waits for it: it is an error of this thread, and ends it.
      if (id === undefined) throw error;
      this.#post({ id, error: packError(error) });
    }
  }
}

/** The link to a worker. When the worker dies, calls that wait, and later ones, are refused with what `died` makes of the reason. */
export function linkWorker<Theirs extends Calls<Theirs>>(thread: Thread, died: (why: string) => Error): Link<Theirs> {
  const link = new Link<Theirs>(thread);
  const end = (why: string): void => {
    link.end(died(why));
    thread.terminate();
  };
  thread.addEventListener("messageerror", () => end("its message cannot be read"));
  thread.addEventListener("error", (event) => {
    event.preventDefault();
    end(event.message);
  });
  return link;
}
