/**
 * The sockets of this machine, as Linux lists them (/proc/net/tcp and tcp6, proc_net_tcp.rst).
 *
 * @module
 */
import { procText } from "./proc_files.ts";

/** States in the lists (`net/tcp_states.h`). */
export const STATE = { established: 1, synReceived: 3, timeWait: 6, closeWait: 8, listens: 10 } as const;

/** A row of a list. */
export interface ListedSocket {
  /** In words of 32 bits, in the order of the processor. */
  readonly address: string;
  readonly port: number;
  readonly otherPort: number;
  /** One of {@linkcode STATE}, or another one of the kernel's. */
  readonly state: number;
  /** Bytes that are not acknowledged, and that nobody has read. */
  readonly unsent: number;
  readonly unread: number;
  readonly inode: string;
}

/** sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode … */
const ROW = /^ *\d+: (\w+):(\w{4}) \w+:(\w{4}) (\w\w) (\w{8}):(\w{8}) +(?:\S+ +){4}(\d+)/gm;

/** The sockets of a list's text. */
export function socketsIn(lists: string): ListedSocket[] {
  return Array.from(lists.matchAll(ROW), ([, address = "", ...fields]) => {
    const [port = 0, otherPort = 0, state = 0, unsent = 0, unread = 0] = fields.map((field) => parseInt(field, 16));
    return { address, port, otherPort, state, unsent, unread, inode: fields.at(-1) ?? "" };
  });
}

/** All sockets of TCP. */
export function sockets(): ListedSocket[] {
  return socketsIn(read());
}

/** Those that listen, which come first in a list. */
export function listeners(): ListedSocket[] {
  const hasOthers = (list: string): boolean => /:[0-9A-F]{4} (?!0A)[0-9A-F]{2} [0-9A-F]{8}:/.test(list);
  return socketsIn(read(hasOthers)).filter(({ state }) => state === STATE.listens);
}

/** All sockets of UDP, which are listed in the same way. */
export function datagramSockets(): ListedSocket[] {
  return socketsIn(["udp", "udp6"].map((name) => procText(`/proc/net/${name}`)).join(""));
}

function read(isEnough?: (list: string) => boolean): string {
  return ["tcp", "tcp6"].map((name) => procText(`/proc/net/${name}`, isEnough)).join("");
}
