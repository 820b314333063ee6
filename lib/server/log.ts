/**
 * What a server tells about itself, whoever listens.
 *
 * @module
 */

/** How much is told. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Values of an event. `peer` is the client's address. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** The log of one server. */
export interface ServiceLog extends Disposable {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** Opens the file again, after it was moved away. */
  reopen(): void;
}
