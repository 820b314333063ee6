/**
 * The signals a server listens to.
 *
 * @module
 */
import type { ServiceLog } from "./log.ts";

/** A signal for the server's orderly end, until it is disposed of. */
export interface StopSignal extends Disposable {
  readonly signal: AbortSignal;
}

/** Aborted by SIGINT or SIGTERM; the second one of either ends the process at once, with 128 plus its number. */
export function stopSignal(): StopSignal {
  const stop = new AbortController();
  const on = (number: number) => (): void => {
    if (stop.signal.aborted) Deno.exit(128 + number);
    stop.abort();
  };
  const signals = [["SIGINT", on(2)], ["SIGTERM", on(15)]] as const;
  for (const [name, handler] of signals) Deno.addSignalListener(name, handler);
  return {
    signal: stop.signal,
    [Symbol.dispose](): void {
      for (const [name, handler] of signals) Deno.removeSignalListener(name, handler);
    },
  };
}

/** What SIGHUP brings about. */
export interface HangupActions {
  /** A failure is logged, and the server goes on as it was. */
  readonly reload: () => Promise<void>;
  /** The terminal that the server was started on is gone: nobody can stop it from there any more. */
  readonly leave: () => void;
}

/**
 * Obeys SIGHUP until it is disposed of: reloads, unless it comes from a terminal that is closed. Signals that come during a
 * reload bring about one more, behind it: what is read last is what holds.
 */
export function onHangup({ reload, leave }: HangupActions, log: ServiceLog): Disposable {
  // What `nohup` starts, a service manager or a script, has none from the start.
  const hadTerminal = hasTerminal();
  let isReloading = false;
  let isAsked = false;
  const tryReload = async (): Promise<void> => {
    try {
      await reload();
      log.info("reload");
    } catch (error) {
      log.error("error", { error: `Cannot reload: ${error instanceof Error ? error.message : String(error)}` });
    }
  };
  const handler = async (): Promise<void> => {
    if (hadTerminal && !hasTerminal()) {
      log.info("terminal_closed");
      return leave();
    }
    isAsked = true;
    if (isReloading) return;
    isReloading = true;
    while (isAsked) {
      isAsked = false;
      await tryReload();
    }
    isReloading = false;
  };
  if (Deno.build.os === "windows") return { [Symbol.dispose]: () => {} };
  Deno.addSignalListener("SIGHUP", handler);
  return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGHUP", handler) };
}

/** Whether one of the three streams is an open terminal. */
function hasTerminal(): boolean {
  return [Deno.stdin, Deno.stdout, Deno.stderr].some((stream) => stream.isTerminal());
}
