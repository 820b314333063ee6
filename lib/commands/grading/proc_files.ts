/**
 * Files below /proc. Deno lets a program read there with all permissions only, and a shell for each look takes longer than
 * what is looked at: 16 ms of processor time, where these calls of the C library take 0.05 ms.
 *
 * @module
 */
import { openLibrary } from "../../base/c_library.ts";

const PATH = new TextEncoder();
const TEXT = new TextDecoder();

/** `O_RDONLY`, and `O_DIRECTORY`, which differs between processors. */
const OPEN = { file: 0, folder: Deno.build.arch === "aarch64" ? 0o40000 : 0o200000 };

const LIBC = openLibrary({
  open: { parameters: ["buffer", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  getdents64: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  readlink: { parameters: ["buffer", "buffer", "usize"], result: "isize" },
  getpgid: { parameters: ["i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
});

/** Whether there is a /proc, and a way to read it. */
export const HAS_PROC: boolean = LIBC !== undefined;

/**
 * The text of a file; empty where it cannot be read, as that of a process that has ended.
 *
 * @param isEnough Whether what has been read will do: the system makes the text as it is read.
 */
export function procText(path: string, isEnough: (text: string) => boolean = () => false): string {
  let text = "";
  for (const part of parts(path, "file")) {
    text += TEXT.decode(part);
    if (isEnough(text)) break;
  }
  return text;
}

/** Names in a folder that are numbers: processes, threads, descriptors. */
export function procNumbers(path: string): number[] {
  const numbers: number[] = [];
  for (const part of parts(path, "folder")) {
    // struct linux_dirent64 (getdents64(2)): the length of the entry at byte 16, its name from byte 19 to a NUL.
    for (let at = 0; at < part.length;) {
      const length = (part[at + 16] ?? 0) + 256 * (part[at + 17] ?? 0);
      const name = part.subarray(at + 19, at + length);
      const number = Number(TEXT.decode(name.subarray(0, name.indexOf(0))));
      if (Number.isInteger(number)) numbers.push(number);
      at += length;
    }
  }
  return numbers;
}

/** Where a link leads; empty where it cannot be read. */
export function procLink(path: string): string {
  const target = new Uint8Array(256);
  const length = Number(LIBC?.symbols.readlink(named(path), target, BigInt(target.length)) ?? -1);
  return TEXT.decode(target.subarray(0, Math.max(0, length)));
}

/** The process group of a process; negative where there is no such process. */
export function groupOf(pid: number): number {
  return LIBC?.symbols.getpgid(pid) ?? -1;
}

/** What reading returns, call by call; the next call overwrites it. */
function* parts(path: string, kind: "file" | "folder", most = 16 * 1024): Generator<Uint8Array> {
  if (LIBC === undefined) return;
  const { open, read, getdents64, close } = LIBC.symbols;
  const fd = open(named(path), OPEN[kind]);
  if (fd < 0) return;
  try {
    for (const bytes = new Uint8Array(most);;) {
      const length = Number((kind === "file" ? read : getdents64)(fd, bytes, BigInt(bytes.length)));
      if (length <= 0) return;
      yield bytes.subarray(0, length);
    }
  } finally {
    close(fd);
  }
}

/** The text of a file of one line, which one read takes; empty where it cannot be read. */
export function procLine(path: string): string {
  for (const part of parts(path, "file", 1024)) return TEXT.decode(part);
  return "";
}

function named(path: string): Uint8Array<ArrayBuffer> {
  return PATH.encode(`${path}\0`);
}
