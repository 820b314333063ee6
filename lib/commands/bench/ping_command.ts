/**
 * `echo-client ping`: one echo an interval, with the percentiles of the last ones.
 *
 * @module
 */
import { Latencies } from "./latencies.ts";
import { Pattern } from "./pattern.ts";
import { closeWire, echoOnce } from "./echo_once.ts";
import { targetText } from "../../net/dial.ts";
import { NetworkError, ProtocolError, TimeoutError } from "../../base/errors.ts";
import type { FramedConn, Wire } from "../../framed_conn.ts";
import { delay } from "../../base/delay.ts";
import { interruption } from "./interruption.ts";
import type { PING_OPTIONS } from "./options.ts";
import { echoJson, echoLine, summaryLine, WINDOW } from "./ping_text.ts";
import { Sessions } from "./sessions.ts";
import { refused } from "./settings.ts";
import { EXIT, exitCodeOf } from "../../cli/exit_codes.ts";
import { explainError } from "../../cli/texts.ts";
import type { Translate } from "./texts.ts";
import type { CommandLine } from "../../cli/options.ts";
import { print, printError, printText } from "../../cli/output.ts";

/** Runs the command; resolves to the exit code. */
export async function ping(line: CommandLine<typeof PING_OPTIONS>, t: Translate): Promise<number> {
  const { count = Infinity, interval, size, json, quiet, framing } = line.values;
  const sessions = await Sessions.from(line, (user) => printError(t("login.unused", { user })));
  using interrupt = interruption();
  const { signal } = interrupt;
  if (line.values.udp) {
    checkUdp(line.values);
    const { pingUdp } = await import("./ping_udp.ts");
    const { lost } = await pingUdp({ config: sessions.config, count, interval, size, json, quiet, signal }, t);
    return signal.aborted ? EXIT.interrupted : lost > 0 ? EXIT.timeout : EXIT.ok;
  }
  const pattern = new Pattern(framing, size);
  using probe = new Probe(() => sessions.open(), pattern, sessions.config.timeout);
  const all = new Latencies();
  const recent: number[] = [];
  let [sent, lost, firstError]: [number, number, unknown] = [0, 0, undefined];
  try {
    const start = performance.now();
    for (let number = 1; number <= count && !signal.aborted; number++) {
      await delay(Math.max(0, start + (number - 1) * interval - performance.now()), signal);
      if (signal.aborted) break;
      sent++;
      const outcome = await probe.once(signal);
      if (outcome === undefined) break;
      if (typeof outcome === "number") {
        all.record(outcome);
        recent.push(outcome);
        if (recent.length > WINDOW) recent.shift();
        const echo = { number, size, rtt: outcome, recent };
        if (!quiet) (json ? print : printText)(json ? echoJson(echo) : echoLine(echo, t));
        continue;
      }
      lost++;
      // What comes back wrong is told at once, and what is true before the first echo is so of all to come.
      if (outcome instanceof ProtocolError || number === 1) throw outcome;
      firstError ??= outcome;
      const reason = explainError(outcome, t);
      if (quiet) continue;
      if (json) print(JSON.stringify({ number, error: reason }));
      else printText(t("ping.lost", { number: String(number).padStart(4), reason }));
    }
  } finally {
    const server = targetText(sessions.config.target);
    if (sent > 0) {
      (json ? print : printText)(summaryLine({ sent, lost, all, json, server, isInterrupted: signal.aborted }, t));
    }
  }
  return signal.aborted ? EXIT.interrupted : lost > 0 ? exitCodeOf(firstError) : EXIT.ok;
}

/** What datagrams cannot have. */
function checkUdp({ tls, user, mode, sendProxy }: CommandLine<typeof PING_OPTIONS>["values"]): void {
  const others = {
    "--tls": tls,
    "--user": user,
    "--mode": mode === "echo" ? undefined : mode,
    "--send-proxy": sendProxy,
  };
  const other = Object.entries(others).find(([, value]) => value !== undefined && value !== false);
  if (other !== undefined) throw refused("--udp", "conflict", { other: other[0] });
}

/** One frame after the other, each on the connection of before, or on a new one where that was lost. */
class Probe implements Disposable {
  readonly #open: () => Promise<FramedConn>;
  readonly #pattern: Pattern;
  readonly #timeout: number;
  #wire: Wire | undefined;
  #frame = 0;

  constructor(open: () => Promise<FramedConn>, pattern: Pattern, timeout: number) {
    this.#open = open;
    this.#pattern = pattern;
    this.#timeout = timeout;
  }

  /** The time an echo took, in ms, or why there is none; `undefined` when the wait was given up. */
  async once(signal: AbortSignal): Promise<number | Error | undefined> {
    const giveUp = (): void => this[Symbol.dispose]();
    signal.addEventListener("abort", giveUp);
    try {
      this.#wire ??= (await this.#open()).detach();
      if (signal.aborted) {
        giveUp();
        return undefined;
      }
      const frame = this.#frame++;
      return await echoOnce(this.#wire, { pattern: this.#pattern, frame, timeout: this.#timeout });
    } catch (error) {
      this[Symbol.dispose]();
      if (signal.aborted) return undefined;
      if (error instanceof NetworkError || error instanceof TimeoutError || error instanceof ProtocolError) {
        return error;
      }
      throw error;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  [Symbol.dispose](): void {
    if (this.#wire !== undefined) closeWire(this.#wire);
    this.#wire = undefined;
  }
}
