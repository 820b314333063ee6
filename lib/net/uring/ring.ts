/**
 * A ring of io_uring(7) and the loop that drives it, beside the runtime's own event loop on the same thread.
 *
 * The loop submits, waits in the system for completions, calls who owns each of them, lets promises run on, and begins
 * again: under load one system call a round, without the runtime. It returns to the runtime after {@linkcode SLICE} ms, for
 * timers, signals, messages and Deno's own sockets; and where there is nothing to do it waits there, not in the system.
 *
 * Why this is memory-safe (docs/adr/0009-io-uring.md has it in full):
 * - The ring is made with DEFER_TASKRUN: the kernel touches memory of ours only inside io_uring_enter(2), called by this
 *   thread. Nothing is written while JavaScript runs, or after the thread has ended.
 * - An operation's memory is held by its owner, and its owner by {@linkcode Ring}'s table until the last completion.
 * - A place in that table is given to another owner only after that, and counts its owners: a completion for an owner
 *   before is noticed.
 * - A descriptor is closed by its owner only once no operation on it is pending, so that its number cannot come to mean
 *   another connection under an operation.
 * - What is mapped stays mapped: no view of it can dangle.
 *
 * @module
 */
import { NetworkError } from "../../base/errors.ts";
import { Batch } from "./batch.ts";
import { BufferGroup } from "./buffers.ts";
import { type Libc, openLibc } from "./libc.ts";
import { RingMemory } from "./memory.ts";
import { ECHO, type Owner, RECEIVE } from "./owner.ts";
import { ERRNO, reasonOf, systemError } from "./system_error.ts";
import { Trimmer } from "./trimmer.ts";
import { type Wait, waitOf } from "./wait.ts";

/** Entries for submissions, and for completions: beyond them the kernel keeps completions itself. */
const ENTRIES = 4096;
const COMPLETIONS = 16_384;

/** IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN (Linux 6.1). */
const SETUP_FLAGS = (1 << 3) | (1 << 7) | (1 << 12) | (1 << 13);

/** IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG: older than DEFER_TASKRUN. */
const FEATURES = 1 | 2 | (1 << 8);

/** IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG */
const ENTER_FLAGS = 1 | 8;

/** IORING_REGISTER_EVENTFD */
const REGISTER_EVENTFD = 4;

/** IORING_CQ_EVENTFD_DISABLED */
const EVENTFD_DISABLED = 1;

/** Opcodes in use (enum io_uring_op). */
export const OP = { nothing: 0, accept: 13, cancel: 14, connect: 16, send: 26, receive: 27 } as const;

/** Of what has become ready the kernel goes through so many in a round (IO_LOCAL_TW_DEFAULT_MAX, Linux 6.12). */
const READY_AT_ONCE = 20;

/** So little of an echo a socket takes at once as a rule: nobody waits for that, but for what comes next. */
export const PROMPT = 32 * 1024;

/**
 * How long the loop waits in the system for the next completion, in ms, before it waits in the runtime. Longer than the
 * system's tick: a wait of 2 ms had its clock set anew each time, a fifth of the processor time of one connection's echoes.
 */
const PATIENCE = 5;

/** How long the loop runs, in ms, before the runtime has its turn; a turn costs 0.1 to 0.2 ms. */
const SLICE = 10;

/**
 * Levels of promises that run on after completions before what they began is submitted. More wait for the next round. Where
 * all were echoes, for so many rounds, one: with six, one connection's echo took 0.7 µs more of 13.
 */
const PROMISE_ROUNDS = 16;
const PROMISE_LEVELS = 6;

export class Ring implements AsyncDisposable {
  readonly libc: Libc;
  /** Small buffers of which the kernel takes one when bytes have come. */
  readonly buffers: BufferGroup;
  readonly #fd: number;
  readonly #event: number;
  readonly #memory: RingMemory;
  readonly #owners: (Owner | undefined)[] = [];
  readonly #generations: number[] = [];
  readonly #free: number[] = [];
  readonly #addresses = new WeakMap<ArrayBufferLike, number>();
  readonly #batch: Batch;
  readonly #soon: Wait;
  readonly #now: Wait;
  readonly #count = new Uint8Array(8);
  readonly #one = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0);
  readonly #late: [number, number, number, number][] = [];
  #tail: number;
  #head: number;
  /** Entries written since the last submission, and how many of these will complete at once as a rule. */
  #unsubmitted = 0;
  #prompt = 0;
  #begun = 0;
  #owned = 0;
  readonly #trimmer = new Trimmer(this);
  /** Rounds in which promises may still have something to begin. */
  #promising = 0;
  #isWaitingOutside = false;
  #isSubmitting = false;
  #isClosing = false;
  #running: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #looking: Promise<void> | undefined;

  private constructor(libc: Libc) {
    this.libc = libc;
    const params = new Uint8Array(120);
    const view = new DataView(params.buffer);
    view.setUint32(4, COMPLETIONS, true);
    view.setUint32(8, SETUP_FLAGS, true);
    this.#fd = libc.setup(ENTRIES, params);
    if ((view.getUint32(20, true) & FEATURES) !== FEATURES) throw systemError(ERRNO.EINVAL, "io_uring_setup");
    this.#batch = new Batch(view.getUint32(20, true));
    this.#memory = new RingMemory(libc, this.#fd, view);
    this.#tail = this.#memory.submitTail;
    this.#head = this.#memory.completeHead;
    this.buffers = new BufferGroup(libc, this.#fd);
    this.#event = libc.eventfd();
    const argument = new Uint8Array(Int32Array.of(this.#event).buffer);
    libc.register(this.#fd, REGISTER_EVENTFD, { argument, count: 1 });
    this.#memory.setEventfdFlag(EVENTFD_DISABLED);
    libc.boundSpareMemory();
    this.#soon = waitOf(PATIENCE, this);
    this.#now = waitOf(0, this);
  }

  /**
   * Makes a ring for this thread.
   *
   * @throws {NetworkError} `no_io_uring`, with what stands against it: the kernel's age, its settings, a container's rules.
   */
  static open(): Ring {
    let libc: Libc | undefined;
    try {
      return new Ring(libc = openLibc());
    } catch (error) {
      libc?.end();
      const reason = reasonOf(error);
      throw new NetworkError("no_io_uring", `Cannot use io_uring: ${reason}`, { details: { reason }, cause: error });
    }
  }

  /** Entries written in all: tells whether anything was begun. */
  get begun(): number {
    return this.#begun;
  }

  /** Gives `owner` a place, which its operations are begun by. The ring runs from the first owner on. */
  add(owner: Owner): number {
    const place = this.#free.pop() ?? this.#owners.length;
    this.#owners[place] = owner;
    this.#generations[place] ??= 0;
    this.#batch.add(place);
    this.#owned++;
    this.#running ??= this.#run();
    this.#wake?.();
    return place;
  }

  /** The owner has no operation pending and begins no more. */
  remove(place: number): void {
    this.#owners[place] = undefined;
    this.#generations[place] = ((this.#generations[place] ?? 0) + 1) & 0xff_ffff;
    this.#free.push(place);
    this.#owned--;
  }

  /**
   * Writes an entry; it is submitted in this round. Positional: the way of every read and write.
   *
   * @param kind Below 256; comes back with the completion.
   * @param head Opcode, flags << 8, ioprio << 16.
   * @param address Of memory that the owner holds until the last completion; else 0.
   * @param offset Of a file; of a connect, the length of the address.
   */
  begin(
    place: number,
    kind: number,
    head: number,
    fd: number,
    address: number,
    length: number,
    flags: number,
    group: number = 0,
    offset: number = 0,
  ): void {
    if (this.#unsubmitted === ENTRIES) this.#enter(this.#now, 0);
    const { entries, submitMask } = this.#memory;
    const at = (this.#tail & submitMask) * 16;
    this.#tail = (this.#tail + 1) >>> 0;
    this.#unsubmitted++;
    this.#begun++;
    entries[at] = head;
    entries[at + 1] = fd;
    entries[at + 2] = offset;
    entries[at + 3] = 0;
    entries[at + 4] = address >>> 0;
    entries[at + 5] = Math.floor(address / 0x1_0000_0000);
    entries[at + 6] = length;
    entries[at + 7] = flags;
    entries[at + 8] = place;
    entries[at + 9] = kind | (this.#generations[place] ?? 0) << 8;
    entries[at + 10] = group;
    entries[at + 11] = 0;
    entries[at + 12] = 0;
    entries[at + 13] = 0;
    entries[at + 14] = 0;
    entries[at + 15] = 0;
    if (kind === ECHO && length <= PROMPT) this.#prompt++;
    if (this.#isWaitingOutside && !this.#isSubmitting) {
      this.#isSubmitting = true;
      queueMicrotask(() => {
        this.#isSubmitting = false;
        if (!this.#isWaitingOutside) return;
        this.#enter(this.#now, 1);
        if (this.hasCompletions) this.libc.addToEventfd(this.#event, this.#one);
      });
    }
  }

  /** Calls off all that is pending on a descriptor; the cancellation completes as `by`. */
  cancel(place: number, by: number, fd: number): void {
    // IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_FD
    this.begin(place, by, OP.cancel, fd, 0, 0, 3);
  }

  /** Calls off what the owner has begun as `kind`; the cancellation completes as `by`. */
  callOff(place: number, kind: number, by: number): void {
    this.begin(place, by, OP.cancel, -1, 0, 0, 0);
    const { entries, submitMask } = this.#memory;
    const at = ((this.#tail - 1) & submitMask) * 16;
    // What its completion would bring with it tells the operation.
    entries[at + 4] = place;
    entries[at + 5] = kind | (this.#generations[place] ?? 0) << 8;
  }

  /** Told where an operation has completed to which one is linked that may be about to. */
  linked(): void {
    this.#begun++;
  }

  /** Told where a promise is settled. */
  promised(): void {
    this.#promising = PROMISE_ROUNDS;
  }

  /**
   * Resolves when all that had become ready has completed and its owners have been told, however long this thread did not
   * run. Those who call meanwhile wait for the same.
   */
  look(): Promise<void> {
    return this.#looking ??= this.#look().finally(() => this.#looking = undefined);
  }

  async #look(): Promise<void> {
    // One round more than it takes, in which promises of the last one run on.
    for (let rounds = Math.ceil(this.#owned / READY_AT_ONCE) + 1; rounds > 0; rounds--) {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      const place = this.add({ complete: resolve });
      this.begin(place, 0, OP.nothing, -1, 0, 0, 0);
      await promise;
      this.remove(place);
      this.promised();
    }
  }

  /** Makes sure that `count` entries go into one submission, as a linked pair must. */
  reserve(count: number): void {
    if (this.#unsubmitted + count > ENTRIES) this.#enter(this.#now, 0);
  }

  /** Where the first byte of `bytes` is. It stays there for as long as its buffer is held. */
  addressOf(bytes: Uint8Array | BigInt64Array): number {
    let base = this.#addresses.get(bytes.buffer);
    if (base === undefined) {
      const whole = new Uint8Array(bytes.buffer as ArrayBuffer);
      base = Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(whole)));
      this.#addresses.set(bytes.buffer, base);
    }
    return base + bytes.byteOffset;
  }

  /** Resolves when all owners have gone; the kernel frees the ring then. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    this.#wake?.();
    await this.#running;
    await this.#trimmer[Symbol.asyncDispose]();
    this.libc.close(this.#event);
    this.libc.close(this.#fd);
    this.libc.end();
  }

  async #run(): Promise<void> {
    // The first owner has yet to begin something.
    await null;
    let sliceEnd = performance.now() + SLICE;
    for (;;) {
      if (this.#owned === 0) {
        if (this.#isClosing) return;
        await new Promise<void>((resolve) => this.#wake = resolve);
        this.#wake = undefined;
        continue;
      }
      this.#enter(this.#soon, this.hasCompletions ? 0 : this.#prompt + this.#batch.count);
      const begun = this.#begun;
      this.#reap();
      for (let level = 0; level < (this.#promising > 0 ? PROMISE_LEVELS : 1); level++) await null;
      if (this.#promising > 0) this.#promising--;
      if (this.#owned === 0) continue;
      if (this.#begun === begun) {
        this.#trimmer.idle();
        await this.#waitOutside(-1);
      } else if (performance.now() >= sliceEnd) await this.#waitOutside(0);
      else continue;
      sliceEnd = performance.now() + SLICE;
      this.#soon.least.setUint32(0, this.#batch.adjust(), true);
    }
  }

  /**
   * Gives the thread to the runtime until something has completed, or `ms` have passed. By way of another thread, so that
   * the runtime looks at all that it waits for.
   */
  async #waitOutside(ms: number): Promise<void> {
    const { libc } = this;
    libc.clearEventfd(this.#event, this.#count);
    this.#memory.setEventfdFlag(0);
    // To wait for one, if only for no time: else the kernel goes through the first 20 of what has become ready, and may find
    // that none of these leads to a completion, and says nothing of the others (Linux 6.12 and later).
    this.#enter(this.#now, this.hasCompletions ? 0 : 1);
    if (!this.hasCompletions || ms === 0) {
      this.#isWaitingOutside = true;
      // What the kernel was too short of memory to take is tried again.
      const isIdle = !this.hasCompletions && this.#unsubmitted === 0;
      await libc.readable(this.#event, isIdle ? ms : Math.min(this.#unsubmitted, 1));
      this.#isWaitingOutside = false;
    }
    this.#memory.setEventfdFlag(EVENTFD_DISABLED);
  }

  /** Whether the kernel has completed something that nobody has been told of. */
  get hasCompletions(): boolean {
    return this.#memory.completeTail !== this.#head;
  }

  /** Submits what was begun, and waits for so many completions or until the time is over. */
  #enter({ argument }: Wait, count: number): void {
    this.#memory.submitTail = this.#tail;
    const result = this.libc.enter(this.#fd, this.#unsubmitted, count, ENTER_FLAGS, argument);
    this.#prompt = 0;
    if (result >= 0) {
      this.#unsubmitted -= result;
      // The kernel was short of memory for some: they are tried again.
      return;
    }
    // Submitted, then time is over or a signal has come: entries count as taken. EBUSY, EAGAIN: completions are to be reaped first.
    if (result === -ERRNO.ETIME || result === -ERRNO.EINTR) this.#unsubmitted = this.#memory.unconsumed(this.#tail);
    else if (result !== -ERRNO.EBUSY && result !== -ERRNO.EAGAIN && result !== -ERRNO.EBADR) {
      throw systemError(-result, "io_uring_enter");
    }
  }

  /**
   * Calls the owners of all that has completed; those of large reads in the end, so that what they send is not copied before
   * the others' small echoes. p99 of a quiet client beside 4 × 16 × 64 KiB, medians of 11 turns on a busy machine: 8.7 ms
   * instead of 14.8, a C server's 4.3.
   */
  #reap(): void {
    const { completions, completeMask, completeAt } = this.#memory;
    for (let tail = this.#memory.completeTail; this.#head !== tail; tail = this.#memory.completeTail) {
      while (this.#head !== tail) {
        const at = completeAt + (this.#head & completeMask) * 4;
        this.#head = (this.#head + 1) >>> 0;
        const place = completions[at] ?? 0;
        const tag = completions[at + 1] ?? 0;
        const result = (completions[at + 2] ?? 0) | 0;
        const flags = completions[at + 3] ?? 0;
        if ((tag & 0xff) === RECEIVE && result > PROMPT) this.#late.push([place, tag, result, flags]);
        else this.#tell(place, tag, result, flags);
      }
      this.#memory.completeHead = this.#head;
    }
    if (this.#late.length === 0) return;
    for (const completion of this.#late.splice(0)) this.#tell(...completion);
  }

  #tell(place: number, tag: number, result: number, flags: number): void {
    const owner = this.#owners[place];
    if (owner === undefined || this.#generations[place] !== tag >>> 8) {
      throw new TypeError("Cannot tell whose operation has completed: its owner has gone");
    }
    if ((tag & 0xff) === RECEIVE) this.#batch.busy(place);
    owner.complete(tag & 0xff, result, flags);
  }
}
