/**
 * Ctrl-C.
 *
 * @module
 */
import { EXIT } from "../../cli/exit_codes.ts";

/** Aborts at the first Ctrl-C; the second one ends the program. */
export function interruption(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const onInterrupt = (): void => {
    if (controller.signal.aborted) Deno.exit(EXIT.interrupted);
    controller.abort();
  };
  Deno.addSignalListener("SIGINT", onInterrupt);
  return { signal: controller.signal, [Symbol.dispose]: () => Deno.removeSignalListener("SIGINT", onInterrupt) };
}
