/**
 * Which addresses the name has and which is faster; whether what takes the connection also answers; how fast.
 *
 * @module
 */
import { tcpInfos } from "../connection/tcp_info.ts";
import { escapeText } from "../../base/text.ts";
import { type Checked, type Fact, finding, note } from "./facts.ts";
import { digits } from "./payloads.ts";
import { median, ProbeConnection, type ProbeOptions } from "./probe_connection.ts";

/** Connections to each address, and echoes, of which the median is told. */
const TRIES = 5;
const ECHOES = 20;

/** Smallest MTU that every IPv6 path has, less both headers: RFC 8200, section 5. */
const SMALL_MSS = 1220;

/** How long bytes are waited for that come without being asked for, in ms. */
const BANNER_WAIT = 300;

/** A first echo is late that takes longer than so many ms, and than so many others. */
const LATE = 200;
const LATE_ECHOES = 20;

/** An address of the name. */
interface Address {
  readonly address: string;
  readonly family: number;
  readonly connect_us: number | null;
}

/** How long a connection to each address takes. */
export async function checkAddresses(options: ProbeOptions): Promise<Checked> {
  const { target, family } = options;
  const found = (await lookUp(target.host)).filter((one) => family === undefined || one.family === family);
  const addresses: Address[] = [];
  for (const { address, family } of found) {
    const times: number[] = [];
    for (let tries = 0; tries < TRIES && times.length === tries; tries++) {
      const before = performance.now();
      try {
        // In plain text: TCP's time is asked for, and no certificate has to name an address.
        await using _ = await ProbeConnection.open({
          ...options,
          tls: undefined,
          target: { ...target, host: address },
        });
        times.push((performance.now() - before) * 1000);
      } catch {
        // Told as an address without a time.
      }
    }
    addresses.push({ address, family, connect_us: times.length === 0 ? null : Math.round(median(times)) });
  }
  const of = (family: number): Address | undefined =>
    addresses.filter((one) => one.family === family).toSorted((a, b) => order(a) - order(b))[0];
  const [four, six] = [of(4), of(6)];
  return { data: { addresses }, facts: four === undefined || six === undefined ? [] : compared(four, six) };
}

function order({ connect_us: us }: Address): number {
  return us ?? Infinity;
}

function compared(four: Address, six: Address): Fact[] {
  if (four.connect_us === null && six.connect_us === null) return [];
  if (four.connect_us !== null && six.connect_us !== null) {
    const faster = four.connect_us < six.connect_us ? "IPv4" : "IPv6";
    return [note("families", { v4_us: four.connect_us, v6_us: six.connect_us, faster })];
  }
  return [
    finding("family_unreachable", {
      working: four.connect_us === null ? "IPv6" : "IPv4",
      broken: four.connect_us === null ? four.address : six.address,
    }),
  ];
}

async function lookUp(host: string): Promise<readonly { readonly address: string; readonly family: number }[]> {
  if (host.includes(":") || /^[\d.]+$/.test(host)) return [{ address: host, family: host.includes(":") ? 6 : 4 }];
  const { lookup } = await import("node:dns/promises");
  return await lookup(host, { all: true });
}

/** What an answer tells; `isAlive` where echoes come. */
export interface Answer extends Checked {
  readonly isAlive: boolean;
  /** See {@linkcode ProbeOptions.bannerBytes}. */
  readonly bannerBytes?: number;
}

/**
 * Whether echoes come, how fast, and what TCP says of the path.
 *
 * @throws what `dial` throws, where there is no connection.
 */
export async function checkAnswer(options: ProbeOptions): Promise<Answer> {
  const { framing, timeout, target } = options;
  await using connection = await ProbeConnection.open(options);
  const frame = framing.encode(digits(48));
  await connection.waitFor(() => connection.receivedBytes > 0, BANNER_WAIT);
  const banner = connection.received;
  const first = await connection.exchange(frame, timeout);
  if (first.outcome !== "same" && first.outcome !== "changed") {
    const { end } = connection;
    const text = new TextDecoder().decode(connection.received.subarray(0, 60));
    const [, greeting] = /([245]\d\d[ -].*)/.exec(text) ?? [];
    const facts = greeting === undefined
      ? [
        first.received.length > 0
          ? finding("short_answer", { received: first.received.length, sent: frame.length, how: first.outcome })
          : finding("no_answer", { how: first.outcome, after_ms: end?.at ?? timeout }),
      ]
      : [finding("greeting", { text: escapeText(greeting) })];
    return { isAlive: false, facts, data: { echo: { outcome: first.outcome, rtt_us: null }, tcp: null } };
  }
  const times = [];
  for (let echo = 0; echo < ECHOES && connection.end === undefined; echo++) {
    times.push((await connection.exchange(frame, timeout)).ms * 1000);
  }
  const rtt = Math.round(median(times));
  const infos = tcpInfos(target.port);
  const info = infos?.find(({ local }) => local === connection.local);
  const facts: Fact[] = [...options.tls === undefined ? [] : [note("tls_inside")], note("rtt", { rtt_us: rtt })];
  if (banner.length > 0) {
    facts.unshift(finding("banner", { text: escapeText(new TextDecoder().decode(banner.subarray(0, 60))) }));
  }
  const isLate = (ms: number): boolean => ms > LATE && ms * 1000 > LATE_ECHOES * rtt;
  if (isLate(first.ms)) {
    // Once may be chance, or a server that has just started.
    await using second = await ProbeConnection.open({ ...options, bannerBytes: banner.length });
    const { ms, outcome } = await second.exchange(frame, timeout);
    const first_ms = Math.round(Math.min(first.ms, ms));
    if (outcome === "same" && isLate(ms)) facts.unshift(finding("first_late", { first_ms, rtt_us: rtt }));
  }
  const mss = info?.mss ?? null;
  if (mss !== null) {
    const values = { mss, pmtu: info?.pmtu ?? 0 };
    facts.push(mss < SMALL_MSS ? finding("small_mss", values) : note("mss", values));
  } else facts.push(note("mss_unknown"));
  // A proxy near here answers TCP quickly and waits for the server behind it.
  const tcpRtt = info?.minRttUs ?? null;
  if (tcpRtt !== null && rtt > 5 * tcpRtt && rtt > tcpRtt + 5000) {
    facts.push(note("near", { tcp_us: tcpRtt, rtt_us: rtt }));
  }
  const tcp = info === undefined ? null : {
    ...{ mss: info.mss, pmtu: info.pmtu, rtt_us: info.rttUs, min_rtt_us: info.minRttUs, cwnd: info.cwnd },
    retransmissions: info.retransmissions,
  };
  return {
    isAlive: true,
    bannerBytes: banner.length,
    facts,
    data: { echo: { outcome: first.outcome, rtt_us: rtt }, tcp },
  };
}
