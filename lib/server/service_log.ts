/**
 * Service messages: what the server did, one line an event, for the log file and never for the console.
 *
 * @module
 */
import type { Logger } from "pino";
import { standardStream } from "../base/output_file.ts";
import { escapeJson, escapeText } from "../base/text.ts";
import type { LogFields, LogLevel, ServiceLog } from "./log.ts";
import { LogFile, type LogFileOptions } from "./log_file.ts";

/** How a log is kept. */
export interface ServiceLogOptions extends LogFileOptions {
  readonly path: string;
  readonly level: LogLevel;
  readonly format: "text" | "json";
  /** Gets a copy of every line (`--verbose`). */
  readonly mirror?: (line: string) => void;
}

/** What each event is called in the log, in words. */
const MESSAGES: Readonly<Record<string, string>> = {
  start: "server starts",
  listen: "listening",
  engine: "connections are carried by",
  fallback: "port is busy, trying the next one",
  variable_passed_over: "a variable holds a URL and is passed over",
  connect: "client connected",
  disconnect: "client left",
  refuse: "connection refused: a limit is reached",
  refuse_more: "more connections refused by the same limit, the last of them",
  timeout: "a deadline has passed, closing",
  datagrams_ignored: "datagrams were not answered",
  accept_error: "cannot accept a connection",
  accept_resume: "accepting again",
  worker_died: "a worker has died, the server stops",
  error: "error",
  unforeseen: "an error that nothing in the program expected; the server goes on",
  descriptors: "no file descriptor is free: fewer connections are accepted from now on",
  terminal_closed: "the terminal that the server was started on is closed",
  reload: "log file opened again, lists read again",
  log_lost: "log lines before this one were lost: they could not be written",
  identified: "known client",
  host_named: "new client has given its name",
  logged_in: "logged in",
  login_failed: "log-in refused",
  registered: "new user",
  session_resumed: "logged in by token",
  session_revoked: "logged out",
  session_reused: "a replaced token was used again: its session is revoked",
  registration_refused: "nobody else may register now",
  revocations_unwatched: "cannot look for revoked sessions, trying again",
  revocations_watched: "looking for revoked sessions again, with those missed",
  session_not_stored: "the session could not be stored: no token was given",
  refused_insecure: "a password or token was refused on an unencrypted connection",
  mistake: "message not understood",
  too_many_attempts: "too many log-ins failed",
  too_many_mistakes: "too many messages were not understood",
  busy: "too many log-ins at once",
  storage_failed: "the database does not answer",
  nobody_allowed: "the list of --allow is empty: nobody may connect",
  insecure: "passwords may cross the network unencrypted (--allow-insecure)",
  tls_error: "no TLS connection",
  proxy_error: "no PROXY header from an address that has to send one (--proxy-protocol), closing",
  tls_certificate: "certificate in use",
  faults: "faults on purpose (--fault)",
  fault: "a fault on purpose strikes",
  drain: "stopping: no new connections, sessions end",
  stop: "server stopped",
};

/** Severities in ascending order. */
const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** A log to a stream of this process, which somebody else keeps: nothing is rotated, and nothing reopened. */
class LogStream implements Disposable {
  readonly #stream: typeof Deno.stdout;
  #lost = 0;

  constructor(stream: typeof Deno.stdout) {
    this.#stream = stream;
  }

  /** Lines that could not be written since the last one that could. */
  get lost(): number {
    return this.#lost;
  }

  write(line: string): void {
    const bytes = new TextEncoder().encode(line);
    try {
      for (let at = 0; at < bytes.length;) at += this.#stream.writeSync(bytes.subarray(at));
      this.#lost = 0;
    } catch {
      this.#lost++;
    }
  }

  reopen(): void {/* It stays open. */}

  [Symbol.dispose](): void {/* Others write to it, too. */}
}

type Write = (level: LogLevel, event: string, fields: LogFields) => void;
/** Makes an event a line without its LF. */
type LineOf = (...event: Parameters<Write>) => string;

/**
 * Opens the log.
 *
 * @throws {StorageError} `cannot_write`
 */
export async function openServiceLog(options: ServiceLogOptions): Promise<ServiceLog> {
  const lineOf = options.format === "json" ? await jsonLines() : textLine;
  const stream = standardStream(options.path);
  const file = stream === undefined ? new LogFile(options.path, options) : new LogStream(stream);
  const least = LEVELS.indexOf(options.level);
  const write: Write = (level, event, fields) => {
    const line = `${lineOf(level, event, fields)}\n`;
    const { lost } = file;
    file.write(line);
    if (lost > 0 && file.lost === 0) write("warn", "log_lost", { lines: lost });
    try {
      options.mirror?.(line);
    } catch {
      // Nobody reads the copy any more (`| head`): the file has the line.
    }
  };
  const log = (level: LogLevel): (event: string, fields?: LogFields) => void => {
    if (LEVELS.indexOf(level) < least) return () => {};
    return (event, fields = {}) => write(level, event, fields);
  };
  return {
    debug: log("debug"),
    info: log("info"),
    warn: log("warn"),
    error: log("error"),
    reopen: () => file.reopen(),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

/** JSON lines, as pino writes them. It is loaded for them alone: that takes some 10 ms. */
async function jsonLines(): Promise<LineOf> {
  const { default: pino } = await import("pino");
  let line = "";
  const logger: Logger = pino(
    {
      base: null,
      level: "debug",
      messageKey: "message",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (json) => void (line = json) },
  );
  return (level, event, fields) => {
    logger[level]({ event, ...fields }, MESSAGES[event] ?? event);
    return escapeJson(line.trimEnd());
  };
}

/**
 * `2026-11-22T10:00:00.000Z INFO  127.0.0.1:50000 client left bytes_in=12 frames=1`. Values with a space, a quote or an
 * equals sign are quoted.
 */
function textLine(level: LogLevel, event: string, { peer, ...fields }: LogFields): string {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const values = given.map(([name, value]) => ` ${name}=${quoted(String(value))}`);
  const time = new Date().toISOString();
  const head = [time, level.toUpperCase().padEnd(5), quoted(String(peer ?? "-")), MESSAGES[event] ?? event].join(" ");
  return `${head}${values.join("")}`;
}

function quoted(value: string): string {
  const text = escapeText(value);
  return text === "" || /[\s"=]/.test(text) ? `"${text.replaceAll('"', '\\"')}"` : text;
}
