/**
 * Finding a port to listen on: the wanted one, or the next that is free on every address.
 *
 * The probe is the plain `Deno.listen` itself, without SO_REUSEPORT: with it, two programs would share a port without
 * any error. Only "address in use" moves on; every other error ends the search.
 *
 * @module
 */
import { folderOf } from "../base/files.ts";
import { hostPort, parseIp } from "../base/address.ts";
import { NetworkError, StorageError, UsageError } from "../base/errors.ts";
import { TCP_BACKLOG } from "../base/limits.ts";
import { addressError, fileError } from "../base/system_errors.ts";
import type { SocketListener, Sockets } from "./wire.ts";

/** Ports tried one after the other when the wanted one is busy; after that any free one. */
const PORT_TRIES = 100;

/** Longest path of a Unix socket, in bytes: unix(7) has room for 108 with the final null. */
const MAX_SOCKET_PATH = 107;

/** Where to listen. */
export interface ListenOptions {
  /** Host names, IP addresses and `unix:/path`; all TCP ones get the same port. */
  readonly hosts: readonly string[];
  /** Wanted port; 0 for any free one. */
  readonly port: number;
  /** Fail when the port is busy, do not move on. */
  readonly strictPort: boolean;
  /** Take the same port for datagrams, too. */
  readonly udp?: boolean;
  /** Gives the listeners of a port that is free to somebody else to open again; `port_busy` moves on to the next port. */
  readonly handOver?: (open: readonly OpenListener[]) => Promise<OpenListener[]>;
  /** Who provides the sockets; default: Deno. */
  readonly sockets?: Sockets | undefined;
  /** Told of each busy port. */
  readonly onBusy?: (port: number) => void;
}

/** An open listener, and how to say where it is. */
export interface OpenListener<Listener extends SocketListener = SocketListener> {
  readonly listener: Listener;
  /** As a user writes it: `127.0.0.1:9090`, `[::1]:9090`, `unix:/path`. */
  readonly address: string;
  /** Of TCP, the host as it was given: an IPv6 address may have a zone (`%eth0`), which the listener does not tell. */
  readonly host?: string;
  /** Datagrams to the same address and port. */
  readonly datagrams?: Deno.DatagramConn;
  /** Stops listening, on both, and removes a Unix socket's file. */
  readonly close: () => void;
}

/**
 * Opens a listener for every host.
 *
 * @throws {NetworkError} `port_busy`, `permission`, `address_unavailable`, `host_not_found`.
 * @throws {UsageError} `udp_usage`: datagrams on an address that stands for all, from which an answer could not leave.
 */
export async function listen(options: ListenOptions): Promise<OpenListener[]> {
  const unix = options.hosts.filter((host) => host.startsWith("unix:")).map((host) => host.slice("unix:".length));
  const hosts = withoutCovered(options.hosts.filter((host) => !host.startsWith("unix:")));
  const open: OpenListener[] = [];
  try {
    for (const path of unix) open.push(await listenUnix(path, options.sockets));
    if (hosts.length > 0) open.push(...await listenTcp(hosts, options));
    return open;
  } catch (error) {
    for (const { close } of open) close();
    throw error;
  }
}

async function listenTcp(hosts: readonly string[], options: ListenOptions): Promise<OpenListener[]> {
  const { port, strictPort, udp = false, sockets, handOver, onBusy } = options;
  const last = Math.min(port + PORT_TRIES - 1, 65535);
  // The free port that TCP is given may be busy for datagrams.
  const anyFree = Array<number>(udp ? PORT_TRIES : 1).fill(0);
  const wanted = strictPort ? [port] : [...range(port, last), ...anyFree];
  let busy: unknown;
  for (const candidate of port === 0 ? anyFree : wanted) {
    try {
      const open = listenAll(hosts, { port: candidate, udp, sockets });
      return handOver === undefined ? open : await handOver(open);
    } catch (error) {
      if (!(error instanceof NetworkError && error.code === "port_busy")) throw error;
      busy = error;
      // Only here is the port one that could give way: a metrics port or a Unix socket could not.
      if (strictPort) error.annotate({ action: "listen strictly on" });
      if (candidate > 0) onBusy?.(candidate);
    }
  }
  throw busy;
}

/** Listens on all hosts or none. Port 0 is chosen by the first host and taken over by the others. */
function listenAll(
  hosts: readonly string[],
  { port, udp, sockets }: { port: number; udp: boolean; sockets: Sockets | undefined },
): OpenListener[] {
  const open: OpenListener[] = [];
  for (const hostname of hosts) {
    try {
      const listener = listenAlone({ hostname, port }, sockets);
      port = listener.addr.port;
      const address = hostPort(listener.addr.hostname, port);
      const tcp = { listener, address, host: hostname, close: () => listener.close() };
      open.push(udp ? withDatagrams(tcp, { hostname, port }) : tcp);
    } catch (error) {
      for (const { close } of open) close();
      throw error;
    }
  }
  return open;
}

/**
 * Listens where nobody else does.
 *
 * @throws {NetworkError} `port_busy` and others.
 */
export function listenAlone(
  at: { readonly hostname: string; readonly port: number; readonly reusePort?: boolean },
  sockets: Sockets = DENO_SOCKETS,
): SocketListener<Deno.NetAddr> {
  try {
    return sockets.listenTcp(at);
  } catch (error) {
    throw addressError(error, "listen on", hostPort(at.hostname, at.port));
  }
}

/** Deno's own sockets. */
const DENO_SOCKETS: Sockets = {
  listenTcp: (at) => Deno.listen({ ...at, tcpBacklog: TCP_BACKLOG }),
  listenUnix: (path) => Deno.listen({ transport: "unix", path }),
};

/** Listens for datagrams where a listener is already. Without SO_REUSEADDR: with it, two programs would share the port. */
function withDatagrams(tcp: OpenListener, at: { hostname: string; port: number }): OpenListener {
  const { addr } = tcp.listener;
  if ("hostname" in addr && ["0.0.0.0", "::"].includes(addr.hostname)) {
    tcp.close();
    const option = `--host ${at.hostname}`;
    // Deno does not tell to which address a datagram came (IP_PKTINFO), and the system would choose one for the answer.
    throw new UsageError("udp_usage", `Cannot use --udp with ${option}: name each address`, {
      details: { problem: "udp_wildcard", option },
    });
  }
  try {
    const datagrams = Deno.listenDatagram({ transport: "udp", ...at });
    const close = (): void => {
      datagrams.close();
      tcp.close();
    };
    return { ...tcp, datagrams, close };
  } catch (error) {
    tcp.close();
    throw addressError(error, "listen on", `udp ${tcp.address}`);
  }
}

/**
 * A Unix socket that only its owner may connect to (0600). It is made in a folder that nobody else can enter and moved
 * into place, so that it is never there with other permissions; `Deno.umask` would need full `--allow-sys`.
 */
async function listenUnix(path: string, sockets: Sockets = DENO_SOCKETS): Promise<OpenListener> {
  const address = `unix:${path}`;
  // Moving into place would succeed, and nobody could ever connect.
  if (new TextEncoder().encode(path).length > MAX_SOCKET_PATH) {
    throw unwritable(path, `a socket's path has at most ${MAX_SOCKET_PATH} bytes`);
  }
  await removeStaleSocket(path, address);
  const folder = `${folderOf(path)}/.echo${Deno.pid}`;
  try {
    await Deno.mkdir(folder, { mode: 0o700 });
    const listener = sockets.listenUnix(`${folder}/s`);
    await Deno.chmod(`${folder}/s`, 0o600);
    await Deno.rename(`${folder}/s`, path);
    const close = (): void => {
      listener.close();
      removeIfThere(path);
    };
    return { listener, address, close };
  } catch (error) {
    throw fileError(error, "write", path);
  } finally {
    removeIfThere(folder);
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // It was not made, or is gone already.
  }
}

function unwritable(path: string, reason: string): StorageError {
  return new StorageError("cannot_write", `Cannot write ${path}: ${reason}`, { details: { path, reason } });
}

/** Removes the socket file a killed server left behind; leaves a living one's, and anything else, alone. */
async function removeStaleSocket(path: string, address: string): Promise<void> {
  const found = await Deno.lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket) throw unwritable(path, "a file of that name is in the way");
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return await Deno.remove(path);
    throw addressError(error, "listen on", address);
  }
  throw new NetworkError("port_busy", `Cannot listen on ${address}: another program uses it`, {
    details: { address, action: "listen on" },
  });
}

/** The hosts that no other one of the list includes already: `::` takes every address, `0.0.0.0` every IPv4 one. */
function withoutCovered(hosts: readonly string[]): string[] {
  // Deno binds `localhost` to its IPv4 address alone.
  const isIpv4 = (host: string): boolean => host === "localhost" || parseIp(host)?.family === "ipv4";
  return [...new Set(hosts)].filter((host) => {
    if (host === "::") return true;
    if (hosts.includes("::")) return false;
    if (host === "localhost" && hosts.includes("127.0.0.1")) return false;
    return host === "0.0.0.0" || !hosts.includes("0.0.0.0") || !isIpv4(host);
  });
}

function* range(from: number, to: number): Generator<number> {
  for (let port = from; port <= to; port++) yield port;
}
