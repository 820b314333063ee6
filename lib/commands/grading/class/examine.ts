/**
 * The examination of one program of a submission: a grader in a process of its own, in the sandbox.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { escapeText } from "../../../base/text.ts";
import type { Tool } from "../../../cli/command.ts";
import { environment } from "../../../cli/environment.ts";
import { delay } from "../../../base/delay.ts";
import { isFile } from "../is_file.ts";
import type { CheckReport } from "../model.ts";
import { StartedProgram } from "../started_program.ts";
import type { Examined, Side, Submission } from "./model.ts";
import { bounded, sandboxed, type SandboxKind } from "./sandbox.ts";

/** How all programs of a class are examined. */
export interface ExaminationSettings {
  readonly kind: SandboxKind;
  /** Whether the submission itself is run, not a copy. */
  readonly isInPlace: boolean;
  /** Hidden from the submissions: the folder with those of the others. */
  readonly hidden: string | undefined;
  /** Longest time of one examination, in ms. */
  readonly timeout: number;
  /** Options of both graders, and of one. */
  readonly options: Readonly<Record<"both" | Side, readonly string[]>>;
  /** Where programs are looked for. */
  readonly path: string | undefined;
  readonly signal: AbortSignal;
}

/** The grader of each side. */
const TOOLS: Readonly<Record<Side, Tool>> = { server: "echo-client", client: "echo-server" };

/** Time beyond its own limit that a grader has to end, in ms. */
const GRACE = 4000;

/** Characters of a message that are shown. */
const LONGEST_PROBLEM = 300;

/** Examines one program of a submission. Nothing that it has started is left when this resolves. */
export async function examineProgram(
  { name, source, commands }: Pick<Submission, "name" | "source" | "commands">,
  side: Side,
  settings: ExaminationSettings,
): Promise<Examined> {
  const { kind, isInPlace, hidden, timeout, path, signal } = settings;
  const { [side]: command = "" } = commands;
  const start = performance.now();
  const place = await Deno.makeTempDir({ prefix: "echo-class-" });
  const own = name.replace(/[^\p{L}\p{N}._-]/gu, "_").replace(/^\.+/, "").slice(0, 60) || "work";
  const work = isInPlace ? source : join(place, own);
  const over = new AbortController();
  try {
    if (!isInPlace) await Deno.mkdir(work);
    const grader = sandboxed(kind, {
      ...{ command: graderOf(side, { command, work, settings }), work, hidden },
      source: isInPlace ? undefined : source,
    });
    await using program = new StartedProgram({ command: grader, env: path === undefined ? {} : { PATH: path } });
    program.endInput();
    const isDone = await Promise.race([
      program.ended.then(() => true),
      delay(timeout + GRACE, AbortSignal.any([signal, over.signal])).then(() => false),
    ]);
    if (isDone) await program.endsWithin(GRACE);
    const report = reportIn(program.stdout.text);
    const ms = Math.round(performance.now() - start);
    // A grader that ended with its time has a report of what it had seen by then.
    const isCut = report === undefined ? !isDone : ms >= timeout;
    const problem = isCut ? "timeout" : report === undefined ? problemIn(program.stderr.text) : undefined;
    return {
      side,
      command,
      ms,
      ...report === undefined ? {} : { report },
      ...problem === undefined ? {} : { problem },
    };
  } finally {
    over.abort();
    await Deno.remove(place, { recursive: true });
  }
}

/** The grader of the other tool, where there is one: beside this one, or else where the system looks for programs. */
function graderTool(side: Side): readonly string[] {
  const tool = TOOLS[side];
  if (!Deno.build.standalone) {
    const entry = side === "server" ? "client.ts" : "server.ts";
    const module = fromFileUrl(new URL(`../../../../${entry}`, import.meta.url));
    return [Deno.execPath(), "run", "--quiet", "--no-prompt", "--no-check", "--no-lock", "-A", module];
  }
  const own = Deno.execPath();
  const beside = join(own, "..", Deno.build.os === "windows" ? `${tool}.exe` : tool);
  return [own.endsWith(tool) ? own : isFile(beside) ? beside : tool];
}

/**
 * Where programs are looked for, with the folder of the real python3 before the rest: what `python3` stands for may be a script
 * that looks for the version to run, which takes longer than the examination of a message.
 */
export async function programPath(): Promise<string | undefined> {
  const path = environment("PATH");
  try {
    const { stdout, success } = await new Deno.Command("python3", {
      args: ["-c", "import os, sys; print(os.path.dirname(os.path.realpath(sys.executable)))"],
      stdin: "null",
      stderr: "null",
    }).output();
    const folder = new TextDecoder().decode(stdout).trim();
    return success && path !== undefined && isFile(join(folder, "python3")) ? `${folder}:${path}` : path;
  } catch {
    return path;
  }
}

function graderOf(
  side: Side,
  { command, work, settings: { timeout, options } }: {
    readonly command: string;
    readonly work: string;
    readonly settings: ExaminationSettings;
  },
): string[] {
  const common = ["check", "--json", `--timeout=${timeout}ms`, ...options.both, ...options[side]];
  return side === "server"
    ? [...graderTool(side), ...common, `--dir=${work}`, `--command=${bounded(command)}`, "127.0.0.1:9090"]
    : [...graderTool(side), ...common, "--port=9090", "--", "sh", "-c", bounded(command)];
}

function reportIn(text: string): CheckReport | undefined {
  const line = text.trim().split("\n").at(-1) ?? "";
  try {
    // Written by this program's other half.
    return line.startsWith("{") ? JSON.parse(line) as CheckReport : undefined;
  } catch {
    return undefined;
  }
}

/** The grader's last words. */
function problemIn(text: string): string {
  const line = text.trim().split("\n").at(-1) ?? "";
  return escapeText(line.replace(/^echo-(?:client|server): /, "")).slice(0, LONGEST_PROBLEM);
}
