/**
 * Where a run's events go: lines on standard output, a page at the end, captures on the way.
 *
 * @module
 */
import { VERSION } from "../../cli/version.ts";
import { checkOutputFiles } from "../../base/output_check.ts";
import { standardStream, writeOutputFile } from "../../base/output_file.ts";
import { escapeJson } from "../../base/text.ts";
import { openOutput } from "../capture/output_file.ts";
import { PacketSink } from "../capture/packet_sink.ts";
import { RecordingSink } from "../capture/recording.ts";
import type { TraceEvent, TraceSink } from "../capture/trace.ts";
import type { CommandLine } from "../../cli/options.ts";
import { hasColours, printError } from "../../cli/output.ts";
import { fitted } from "../../cli/terminal_size.ts";
import type { WireEvent } from "./events.ts";
import type { EXPLAIN_OPTIONS } from "./options.ts";
import { PatientOutput } from "./output.ts";
import { counted } from "./phrases.ts";
import { Recording } from "./recording.ts";
import { textRenderer } from "./text.ts";
import type { Translate } from "./texts.ts";

export type ExplainLine = CommandLine<typeof EXPLAIN_OPTIONS>;

/** What a report is about. */
interface ReportOptions {
  /** The server, or the capture. */
  readonly subject: string;
  readonly t: Translate;
  /** Told once, when nothing can be written any more. */
  readonly onError: () => void;
}

export class Report {
  readonly #values: ExplainLine["values"];
  readonly #options: ReportOptions;
  readonly #output: PatientOutput;
  readonly #stream: { isTerminal(): boolean };
  readonly #recording = new Recording();
  readonly #sinks: readonly TraceSink[];
  readonly #render: (event: WireEvent) => readonly string[];
  #error: unknown;

  /** @throws {StorageError} `cannot_write`, where the page or a capture cannot be. */
  constructor({ values }: ExplainLine, options: ReportOptions) {
    this.#values = values;
    this.#options = options;
    const { t } = options;
    const { json, pcap, record, html, color, read, keylog } = values;
    checkOutputFiles({ "--html": html, "--pcap": pcap, "--record": record }, { "--read": read, "--keylog": keylog });
    this.#sinks = sinksOf(values, options.subject);
    // A capture on standard output has it for itself.
    const isTaken = [pcap, record].some((path) => path !== undefined && standardStream(path) === Deno.stdout);
    const stream = isTaken ? Deno.stderr : Deno.stdout;
    const render = textRenderer(t, hasColours(color, stream));
    this.#render = json ? (event) => [jsonLine(event)] : (event) => fitted(render(event), stream);
    this.#stream = stream;
    this.#output = new PatientOutput(stream, {
      skipped: (n) => json ? jsonLine({ event: "skipped", events: n }) : t("explain.skipped", { n }),
      onError: (error) => this.#fail(error),
    });
  }

  /** Takes an event; for lines, page and sums. */
  readonly onEvent = (event: WireEvent): void => {
    this.#recording.add(event);
    if (!this.#values.quiet) this.#output.add(() => this.#render(event));
  };

  /** Takes what passes; nothing where there is no capture to be written. */
  get onTrace(): ((event: TraceEvent) => void) | undefined {
    if (this.#sinks.length === 0) return undefined;
    return (event) => {
      if (this.#error !== undefined) return;
      try {
        for (const sink of this.#sinks) sink.take(event);
      } catch (error) {
        this.#fail(error);
      }
    };
  }

  /** Waits where the output is behind; nothing where it is not. */
  room(): Promise<void> | undefined {
    return this.#output.room();
  }

  /** Adds a line that is no event of a connection: for programs, or for people. */
  say(event: Readonly<Record<string, unknown>>, lines: readonly string[]): void {
    this.#output.add(() => this.#values.json ? [jsonLine(event)] : fitted(lines, this.#stream));
  }

  /**
   * Ends with the sums and the page.
   *
   * @throws what could not be written.
   */
  async finish(): Promise<void> {
    const { t, subject: target } = this.#options;
    const { html, json, showSecrets } = this.#values;
    const { totals } = this.#recording;
    const summary = t("explain.summary", {
      connections: counted(totals.connections, "connections", t),
      client: counted(totals.client_bytes, "bytes", t),
      server: counted(totals.server_bytes, "bytes", t),
      client_frames: counted(totals.client_frames, "frames", t),
      server_frames: counted(totals.server_frames, "frames", t),
    });
    this.say({ event: "summary", ...totals }, [summary]);
    await this.#output.done();
    for (const sink of this.#sinks) sink.close();
    if (html !== undefined) {
      const { explainPage } = await import("./html.ts");
      writeOutputFile(html, await explainPage(this.#recording, { target, showsSecrets: showSecrets, summary, t }));
      if (!json) printError(t("explain.written", { path: html }));
    }
    if (this.#error !== undefined) throw this.#error;
  }

  #fail(error: unknown): void {
    this.#error ??= error;
    this.#options.onError();
  }
}

function sinksOf({ pcap, record, framing }: ExplainLine["values"], target: string): TraceSink[] {
  const program = `echo-client explain ${VERSION}`;
  const sinks: TraceSink[] = [];
  if (pcap !== undefined) sinks.push(new PacketSink(openOutput(pcap), { program, target }));
  if (record !== undefined) {
    const name = framing === "auto" ? "auto" : framing.name;
    sinks.push(new RecordingSink(openOutput(record), { program, target, framing: name }));
  }
  return sinks;
}

function jsonLine(event: unknown): string {
  return escapeJson(JSON.stringify(event));
}
