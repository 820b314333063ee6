/**
 * What a server counts about itself: plain numbers, so that counting costs nothing where nobody asks for them.
 *
 * @module
 */

/** Numbers of one server since its start. */
export class Stats {
  /** Totals of the connections that have ended. */
  readonly ended = { connections: 0, frames: 0, bytesIn: 0, bytesOut: 0 };
  /** Log-ins by how they ended: an event of the dialogue. */
  readonly logins = new Map<string, number>();
  /** Connections refused or ended by a limit, by its name. */
  readonly refusals = new Map<string, number>();
  /** Datagrams by what became of them: `answered`, or why not. */
  readonly datagrams = new Map<string, number>();
  /** Faults that struck on purpose, by name. */
  readonly faults = new Map<string, number>();
  /** Errors that nothing in the program expected. */
  unforeseen = 0;
  /** Connections that are open, by what they are doing; read when asked for. */
  open: () => OpenTotals = () => ({ talking: 0, echoing: 0, frames: 0, bytesIn: 0, bytesOut: 0 });
  /** Brings the numbers up to date, where they are counted elsewhere. */
  refresh: () => Promise<void> = () => Promise.resolve();
  /** PBKDF2 runs that are under way or wait. */
  passwordQueue: () => number = () => 0;
  /** Whether the server still takes new connections. */
  isReady = false;
  /** Why the server cannot do its work now, though it runs. */
  trouble: () => string | undefined = () => undefined;

  /** Adds one to a counter of {@linkcode Stats.logins}, or another of these maps. */
  count(counter: Map<string, number>, label: string): void {
    counter.set(label, (counter.get(label) ?? 0) + 1);
  }
}

/** Numbers of the connections that are open. */
export interface OpenTotals {
  readonly talking: number;
  readonly echoing: number;
  readonly frames: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}
