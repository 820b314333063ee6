/**
 * What the kernel knows of a TCP connection (TCP_INFO), as `ss` of iproute2 tells it. Deno gives no descriptor away, so
 * that `getsockopt` cannot be asked.
 *
 * @module
 */

/** Of one connection; what `ss` left out is null. */
export interface TcpInfo {
  /** The local end, `ADDRESS:PORT`. */
  readonly local: string;
  /** Payload bytes of a segment, and the path's MTU as it is known. */
  readonly mss: number | null;
  readonly pmtu: number | null;
  /** Smoothed and smallest round-trip time, in µs. */
  readonly rttUs: number | null;
  readonly minRttUs: number | null;
  /** Congestion window, in segments. */
  readonly cwnd: number | null;
  /** Segments sent again, in all. */
  readonly retransmissions: number;
  /** Bytes that the peer's system has acknowledged, and that have come from it. */
  readonly acked: number;
  readonly received: number;
}

/** How long `ss` may take, in ms. */
const PATIENCE = 3000;

/**
 * The connections of this process to a port; nothing where they cannot be had: no Linux, no `ss`, no permission.
 */
export async function tcpInfos(port: number): Promise<readonly TcpInfo[] | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  try {
    const { success, stdout } = await new Deno.Command("ss", {
      args: ["-tinopHO", "dport", "=", `:${port}`],
      ...{ stdin: "null", stdout: "piped", stderr: "null", signal: AbortSignal.timeout(PATIENCE) },
    }).output();
    return success ? parseSs(new TextDecoder().decode(stdout), Deno.pid) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The lines of `ss -tinopHO` that are a process's.
 *
 * @example
 * ```ts
 * import { parseSs } from "./tcp_info.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const line = 'ESTAB 0 0 10.0.0.1:5000 10.0.0.2:9090 users:(("echo-client",pid=7,fd=9)) ' +
 *   "cubic rtt:0.05/0.02 mss:1448 pmtu:1500 cwnd:10 bytes_acked:101 bytes_received:100 retrans:0/3 minrtt:0.01";
 * assertEquals(parseSs(line, 7), [{
 *   ...{ local: "10.0.0.1:5000", mss: 1448, pmtu: 1500, rttUs: 50, minRttUs: 10, cwnd: 10 },
 *   ...{ retransmissions: 3, acked: 101, received: 100 },
 * }]);
 * assertEquals(parseSs(line, 8), []);
 * ```
 */
export function parseSs(text: string, pid: number): TcpInfo[] {
  return text.split("\n").filter((line) => line.includes(`pid=${pid},`)).map((line) => {
    const number = (pattern: RegExp): number | null => {
      const [, found] = pattern.exec(line) ?? [];
      return found === undefined ? null : Number(found);
    };
    const us = (ms: number | null): number | null => ms === null ? null : Math.round(ms * 1000);
    return {
      local: line.trim().split(/\s+/)[3]?.replace(/^\[::ffff:([\d.]+)\]/, "$1") ?? "",
      mss: number(/ mss:(\d+)/),
      pmtu: number(/ pmtu:(\d+)/),
      rttUs: us(number(/ rtt:([\d.]+)\//)),
      minRttUs: us(number(/ minrtt:([\d.]+)/)),
      cwnd: number(/ cwnd:(\d+)/),
      retransmissions: number(/ retrans:\d+\/(\d+)/) ?? 0,
      ...{ acked: number(/ bytes_acked:(\d+)/) ?? 0, received: number(/ bytes_received:(\d+)/) ?? 0 },
    };
  });
}
