/**
 * The C library, as far as io_uring and sockets need it: the one place where this program calls foreign code.
 *
 * Each function is a system call of Linux (sections 2 and 7 of its manual pages). Those of io_uring have no function of
 * their own in the C library and go through `syscall`, which is declared once for each signature in use. Numbers 425 to
 * 427 are the same on all architectures.
 *
 * @module
 */
import { systemError } from "./system_error.ts";

/** io_uring_setup(2), io_uring_enter(2), io_uring_register(2): numbers of `asm-generic/unistd.h`. */
const SETUP = 425;
const ENTER = 426;
const REGISTER = 427;

/** `mmap` of the kernel's own memory: PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE. */
const SHARED: readonly [number, number] = [3, 0x8001];

/** `mmap` of new memory: PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS. */
const PRIVATE: readonly [number, number] = [3, 0x22];

/** MADV_DONTNEED of madvise(2). */
const DONT_NEED = 4;

/** EFD_CLOEXEC | EFD_NONBLOCK */
const EVENTFD_FLAGS = 0x80800;

/** F_GETFL, F_SETFL, F_DUPFD_CLOEXEC of fcntl(2), and O_NONBLOCK: the same on x86-64 and ARM64. */
const GET_FLAGS = 3;
const SET_FLAGS = 4;
const DUPLICATE_CLOEXEC = 1030;
const NONBLOCK = 0o4000;

/** M_TRIM_THRESHOLD of mallopt(3), and its usual value in bytes. */
const TRIM_THRESHOLD = -1;
const SPARE = 128 * 1024;

/** POLLIN of poll(2). */
const POLLIN = 1;

/** Of struct io_uring_getevents_arg. */
const ARGUMENT_SIZE = 24n;

const ONE = Uint8Array.of(1, 0, 0, 0);
const ZERO = new Uint8Array(4);

/** Memory that the kernel maps or fills; it stays mapped for the life of the process, so that no view of it can dangle. */
interface Mapped {
  readonly buffer: ArrayBuffer;
  /** Below 2^47, and so exact as a number. */
  readonly address: number;
}

export type Libc = ReturnType<typeof openLibc>;

/**
 * Opens the C library.
 *
 * @throws {Deno.errors.NotCapable} without `--allow-ffi`
 * @throws {Error} where there is no glibc
 */
// deno-lint-ignore explicit-module-boundary-types -- what it gives is what it declares
export function openLibc() {
  const library = Deno.dlopen("libc.so.6", {
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    listen: { parameters: ["i32", "i32"], result: "i32" },
    shutdown: { parameters: ["i32", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
    getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
    getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
    getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
    fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
    setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
    if_nametoindex: { parameters: ["buffer"], result: "u32" },
    eventfd: { parameters: ["u32", "i32"], result: "i32" },
    write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    poll: { parameters: ["buffer", "usize", "i32"], result: "i32", nonblocking: true },
    madvise: { parameters: ["usize", "usize", "i32"], result: "i32" },
    mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
    mallopt: { parameters: ["i32", "i32"], result: "i32" },
    malloc_trim: { parameters: ["usize"], result: "i32", nonblocking: true },
    __errno_location: { parameters: [], result: "pointer" },
  });
  const setupCall = Deno.dlopen("libc.so.6", {
    syscall: { parameters: ["i32", "u32", "buffer"], result: "i32" },
  });
  const enterCall = Deno.dlopen("libc.so.6", {
    syscall: { parameters: ["i32", "i32", "u32", "u32", "u32", "buffer", "usize"], result: "i32" },
  });
  const registerCall = Deno.dlopen("libc.so.6", {
    syscall: { parameters: ["i32", "i32", "u32", "buffer", "u32"], result: "i32" },
  });

  const { symbols } = library;
  const { syscall: setup } = setupCall.symbols;
  const { syscall: enter } = enterCall.symbols;
  const { syscall: register } = registerCall.symbols;

  // Made once: the runtime takes longer to make them than the system to fill them.
  const address = new Uint8Array(128);
  const sizeOfAddress = Uint8Array.of(128, 0, 0, 0);

  // Each thread has its own, at an address that stays. A call to ask for it would let the runtime collect garbage, or answer
  // a debugger, between the failed call and its number: that ended a server with ENOENT where the time was over.
  const errnoAt = symbols.__errno_location();
  const number = new Int32Array(
    errnoAt === null ? new ArrayBuffer(4) : Deno.UnsafePointerView.getArrayBuffer(errnoAt, 4),
  );

  /** Of the call just made: nothing may come between. */
  function errno(): number {
    return number[0] ?? 0;
  }

  function check(result: number, call: string): number {
    if (result < 0) throw systemError(errno(), call);
    return result;
  }

  function map(length: number, [protection, flags]: readonly [number, number], at = { fd: -1, offset: 0 }): Mapped {
    const pointer = symbols.mmap(null, BigInt(length), protection, flags, at.fd, BigInt(at.offset));
    // MAP_FAILED is -1.
    if (pointer === null || Deno.UnsafePointer.value(pointer) >= 0xffff_ffff_ffff_f000n) {
      throw systemError(errno(), "mmap");
    }
    const address = Number(Deno.UnsafePointer.value(pointer));
    return { buffer: Deno.UnsafePointerView.getArrayBuffer(pointer, length), address };
  }

  return {
    /** Ends the use of the library; nothing may be pending. */
    end: (): void => {
      for (const opened of [library, setupCall, enterCall, registerCall]) opened.close();
    },
    /** Makes a ring; fills `params` in. */
    setup: (entries: number, params: Uint8Array<ArrayBuffer>): number =>
      check(setup(SETUP, entries, params), "io_uring_setup"),
    register: (
      ring: number,
      opcode: number,
      { argument, count }: { argument: Uint8Array<ArrayBuffer>; count: number },
    ): void => void check(register(REGISTER, ring, opcode, argument, count), "io_uring_register"),
    /**
     * Submits and waits; the negated error number where that failed. Positional, as each system call of the server is one
     * of these.
     */
    enter: (ring: number, submit: number, wait: number, flags: number, argument: Uint8Array<ArrayBuffer>): number => {
      const result = enter(ENTER, ring, submit, wait, flags, argument, ARGUMENT_SIZE);
      return result < 0 ? -errno() : result;
    },
    mapShared: (length: number, fd: number, offset: number): Mapped => map(length, SHARED, { fd, offset }),
    mapPrivate: (length: number): Mapped => map(length, PRIVATE),
    /** The system takes the content of private memory back; it stays mapped, and reads as zeros. */
    discard: ({ buffer, address }: Mapped): void =>
      void symbols.madvise(BigInt(address), BigInt(buffer.byteLength), DONT_NEED),
    eventfd: (): number => check(symbols.eventfd(0, EVENTFD_FLAGS), "eventfd"),
    /** Takes what an eventfd has counted; nothing when that is 0. */
    clearEventfd: (fd: number, into: Uint8Array<ArrayBuffer>): void => void symbols.read(fd, into, 8n),
    /** Makes an eventfd readable. */
    addToEventfd: (fd: number, one: Uint8Array<ArrayBuffer>): void => void symbols.write(fd, one, 8n),
    /** Resolves, by way of another thread, when `fd` can be read or after `ms`; -1 for ever. */
    readable: async (fd: number, ms: number): Promise<void> => {
      const entry = new DataView(new ArrayBuffer(8));
      entry.setInt32(0, fd, true);
      entry.setInt16(4, POLLIN, true);
      await symbols.poll(new Uint8Array(entry.buffer), 1n, ms);
    },
    /**
     * Has other threads give free memory back from now on. Otherwise the bound grows with the largest block that was freed,
     * and of what the compilers' threads leave at the end of theirs (2 to 3 MiB) `trimMemory` gives nothing back.
     */
    boundSpareMemory: (): void => void symbols.mallopt(TRIM_THRESHOLD, SPARE),
    /** Gives free memory back to the system, on another thread; each of the allocator's parts is locked for as long. */
    trimMemory: async (): Promise<void> => void await symbols.malloc_trim(0n),
    socket: (family: number, type: number): number => check(symbols.socket(family, type, 0), "socket"),
    bind: (fd: number, address: Uint8Array<ArrayBuffer>): void =>
      void check(symbols.bind(fd, address, address.length), "bind"),
    listen: (fd: number, backlog: number): void => void check(symbols.listen(fd, backlog), "listen"),
    close: (fd: number): void => void symbols.close(fd),
    /** Sends FIN. */
    shutdownWrite: (fd: number): void => void check(symbols.shutdown(fd, 1), "shutdown"),
    setOption: (fd: number, [level, name]: readonly [number, number], on: boolean): void =>
      void check(symbols.setsockopt(fd, level, name, on ? ONE : ZERO, 4), "setsockopt"),
    option: (fd: number, [level, name]: readonly [number, number]): number => {
      const value = new Int32Array(1);
      const bytes = new Uint8Array(value.buffer);
      check(symbols.getsockopt(fd, level, name, bytes, Uint8Array.of(4, 0, 0, 0)), "getsockopt");
      return value[0] ?? 0;
    },
    /** Another descriptor of the same socket, which blocks: io_uring waits on no other (O_NONBLOCK is the socket's). */
    duplicateBlocking: (fd: number): number => {
      const flags = check(symbols.fcntl(fd, GET_FLAGS, 0), "fcntl");
      check(symbols.fcntl(fd, SET_FLAGS, flags & ~NONBLOCK), "fcntl");
      return check(symbols.fcntl(fd, DUPLICATE_CLOEXEC, 0), "fcntl");
    },
    /** The socket's address, its peer's or its own, as sockaddr(3type); good until the next call. */
    address: (fd: number, which: "peer" | "own"): Uint8Array => {
      sizeOfAddress[0] = address.length;
      const call = which === "peer" ? symbols.getpeername : symbols.getsockname;
      check(call(fd, address, sizeOfAddress), which === "peer" ? "getpeername" : "getsockname");
      return address.subarray(0, sizeOfAddress[0]);
    },
    /** The number of a network interface; 0 when there is none of that name. */
    interfaceIndex: (name: string): number => symbols.if_nametoindex(new TextEncoder().encode(`${name}\0`)),
  };
}
