/**
 * `echo-client wait`: waits until a server takes connections.
 *
 * @module
 */
import { delay } from "../../base/delay.ts";
import { EchoError, NetworkError, TimeoutError } from "../../base/errors.ts";
import { escapeJson } from "../../base/text.ts";
import type { Invocation } from "../../cli/command.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { print, printError } from "../../cli/output.ts";
import { Progress, secondsSince } from "../../cli/progress.ts";
import { connect, targetText } from "../../net/dial.ts";
import { framingFrom } from "../../framing/framing.ts";
import { targetOf } from "../connection/config.ts";
import type { WAIT_OPTIONS } from "./options.ts";
import type { WaitKey } from "./texts.ts";

/** Between two tries, in ms. */
const PAUSE = 100;

/**
 * Tries until a connection is made.
 *
 * @throws {TimeoutError} after `--timeout`, with the last reason as its cause.
 */
export async function waitCommand({ line, texts }: Invocation<typeof WAIT_OPTIONS, WaitKey>): Promise<number> {
  const { timeout, quiet, json } = line.values;
  const target = targetOf(line);
  const address = targetText(target);
  const started = performance.now();
  using progress = new Progress({ quiet });
  const t = progress.isShown ? await texts() : undefined;
  using _following = progress.follow(() => t?.("wait.progress", { address, s: secondsSince(started) }) ?? "");
  let last: NetworkError | undefined;
  for (let tries = 1;; tries++) {
    const left = timeout - (performance.now() - started);
    try {
      const { conn } = await connect(target, { framing: framingFrom("raw"), maxFrame: 1, timeout: Math.max(left, 1) });
      conn.close();
      const ms = Math.round(performance.now() - started);
      progress.clear();
      if (json) print(escapeJson(JSON.stringify({ event: "ready", address, ms, tries })));
      else if (!quiet) printError((await texts())("wait.ready", { address, ms, tries }));
      return EXIT.ok;
    } catch (error) {
      if (!(error instanceof EchoError)) throw error;
      const isLate = left <= PAUSE || error instanceof TimeoutError;
      if (error instanceof NetworkError && isPassing(error)) last = error;
      else if (!isLate) throw error;
      // What hardly any time was left for says less than the try before it.
      if (isLate) throw tooLate(address, timeout, left > PAUSE ? error : last ?? error);
      await delay(PAUSE);
    }
  }
}

/** Whether another try may go better. A name that is not known yet may come, as in a cluster that starts. */
function isPassing({ code }: NetworkError): boolean {
  return ["refused", "reset", "unreachable", "host_not_found"].includes(code);
}

/** A port that nobody listens on and one that nobody answers at are two things: a filter is behind the second. */
function tooLate(address: string, ms: number, cause: EchoError): TimeoutError {
  const about = cause instanceof NetworkError
    ? { action: "go on connecting to", reason: `connecting_${cause.code}` }
    : { action: "connect to" };
  return new TimeoutError(`Cannot connect to ${address}: no server within ${ms} ms`, {
    details: { address, ms, ...about },
    cause,
  });
}
