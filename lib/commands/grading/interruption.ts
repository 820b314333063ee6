/**
 * What ends an examination early: its time limit, and Ctrl-C.
 *
 * @module
 */

/** Why an examination was ended early. */
type EndedBy = "timeout" | "interrupt";

/** A time limit and a listener for the signals that end a program, from construction until it is disposed of. */
export class CheckLimits implements Disposable {
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout>;
  #until: number;
  readonly #onSignal = (): void => this.#end("interrupt");
  #endedBy: EndedBy | undefined;

  /** @param ms Time for the whole examination, in ms. */
  constructor(ms: number) {
    this.#until = performance.now() + ms;
    this.#timer = setTimeout(() => this.#end("timeout"), ms);
    for (const signal of SIGNALS) Deno.addSignalListener(signal, this.#onSignal);
  }

  /** Aborted once the examination has to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it has to end; `undefined` while it may go on. */
  get endedBy(): EndedBy | undefined {
    return this.#endedBy;
  }

  /** Gives `ms` more, for a wait that is no part of the examination. */
  extend(ms: number): void {
    clearTimeout(this.#timer);
    this.#until += ms;
    this.#timer = setTimeout(() => this.#end("timeout"), this.#until - performance.now());
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, this.#onSignal);
  }

  #end(by: EndedBy): void {
    this.#endedBy ??= by;
    this.#controller.abort();
  }
}

/** A terminal that is closed sends SIGHUP: the started program must not outlive it. Windows knows SIGINT alone of them. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM", "SIGHUP"];
