/**
 * `echo-client check`: grades an echo server.
 *
 * @module
 */
import { resolve } from "@std/path";
import { type CheckReport, type Finding, summaryOf, taskPage } from "../grading/model.ts";
import { skipKind } from "../grading/skip_kinds.ts";
import { NotServed } from "./not_served.ts";
import type { OnPortLeft } from "./port_left.ts";
import { NotStarted, Program } from "./program.ts";
import { type CheckResult, examine } from "./run.ts";
import { CHECK_TASKS, type Evidence, type Message, type Observation } from "./messages.ts";
import { type Target, targetText } from "../../net/dial.ts";
import { type Details, NetworkError, UsageError } from "../../base/errors.ts";
import { processes } from "../grading/processes.ts";
import { fileError } from "../../base/system_errors.ts";
import { escapeText } from "../../base/text.ts";
import type { CHECK_OPTIONS } from "./options.ts";
import { CheckLimits, exitOf, humanReport, jsonReport } from "../grading/report.ts";
import { writeReports } from "../grading/report_files.ts";
import { Orphans } from "../grading/orphans.ts";
import { checkOutputFiles } from "../../base/output_check.ts";
import type { DialogueOptions } from "./dialogue.ts";
import { targetOf } from "../connection/config.ts";
import { readPasswordFile } from "../connection/credentials.ts";
import { environment } from "../../cli/environment.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { type Language, languageFrom } from "../../cli/texts.ts";
import type { Translate } from "./texts.ts";
import { isClass } from "../grading/class/options.ts";
import type { CommandLine } from "../../cli/options.ts";
import { hasColours, print, printError, printText } from "../../cli/output.ts";
import { Progress } from "../../cli/progress.ts";

/** Runs the command; resolves to its exit code. */
export async function check(line: CommandLine<typeof CHECK_OPTIONS>, t: Translate): Promise<number> {
  await using _orphans = new Orphans();
  const { values } = line;
  if (isClass(line)) return await checkServers(line, t);
  checkOutputFiles({ "--junit": values.junit, "--html": values.html });
  using limits = new CheckLimits(values.timeout);
  try {
    const report = await gradeServer(line, t, limits);
    if (limits.endedBy === "interrupt") return interrupted(t);
    // What was found is shown, even if the file cannot be written.
    if (values.json) print(jsonReport(report));
    else {
      printText(
        humanReport(report, t, { title: titles(t), colour: hasColours(values.color), isBrief: values.quiet }),
      );
    }
    const { junit, html } = values;
    await writeReports(report, { junit, html, tool: "echo-client check", title: titles(t), t });
    return exitOf(report, limits);
  } catch (error) {
    if (limits.endedBy === "interrupt") return interrupted(t);
    if (!(error instanceof NotStarted)) throw error;
    const last = escapeText(error.output.trim().split("\n").at(-1) ?? "");
    const { datagramPort } = error;
    if (datagramPort !== undefined) {
      printError(`echo-client: ${t("check.takes_datagrams", { port: datagramPort })}`);
      return EXIT.unavailable;
    }
    const key = limits.endedBy === "timeout" ? "check.not_started_in_time" : "check.not_started";
    printError(`echo-client: ${t(key, { output: last === "" ? t("check.no_output") : last })}`);
    return EXIT.unavailable;
  }
}

/**
 * Examines the server that the command line names, and says in the reader's language what was found.
 *
 * @param limits Their signal ends the examination early: what is left is skipped.
 * @throws {UsageError} when the arguments do not go together.
 * @throws {NetworkError} `refused`, when nothing listens.
 * @throws {NotStarted} when the server that was to be started does not listen.
 */
export async function gradeServer(
  line: CommandLine<typeof CHECK_OPTIONS>,
  t: Translate,
  limits: { readonly signal: AbortSignal; extend?(ms: number): void },
): Promise<CheckReport> {
  const { signal } = limits;
  const { values } = line;
  const target = targetOf(line);
  const folder = folderOf(line);
  const onPortLeft = (longest: number): void => {
    limits.extend?.(longest);
    if (!values.quiet) printError(`echo-client: ${t("check.port_left")}`);
  };
  const program = await programOf(line, { target, folder, signal, onPortLeft });
  using progress = new Progress({ quiet: values.quiet });
  try {
    const result = await examine({
      ...{ target, signal, dialogue: identity(line) },
      onStep: (step) => progress.show(() => t("check.progress", step)),
      ...values.framing === undefined ? {} : { framing: values.framing },
      ...program === undefined ? {} : { program },
      ...values.tasks === undefined ? {} : { tasks: values.tasks },
      ...folder === undefined ? {} : { folder },
    });
    return reportOf(result, t, languageFrom(values.lang, environment));
  } catch (error) {
    if (!(error instanceof NotServed)) throw error;
    const address = targetText(target);
    throw new NetworkError("refused", `Cannot connect to ${address}: nothing listens there`, {
      details: { address, action: "connect to" },
      cause: error,
    });
  } finally {
    await program?.stop();
  }
}

/** Examines a class; the options for one server hold for each of them. */
async function checkServers(line: CommandLine<typeof CHECK_OPTIONS>, t: Translate): Promise<number> {
  const { asArgument, checkClass } = await import("../grading/class/command.ts");
  const { values } = line;
  return await checkClass(line, {
    ...{ json: values.json, junit: values.junit, lang: values.lang, tasks: values.tasks, framing: values.framing, t },
    timeout: values.timeout,
    options: {
      server: [
        ...values.answers.map((answer) => `--answer=${answer}`),
        ...values.register.map((line) => `--register=${line}`),
        ...asArgument("user", values.user),
        ...asArgument("password-file", values.passwordFile === undefined ? undefined : resolve(values.passwordFile)),
      ],
    },
  });
}

/** The folder that is searched: the one that was named, or the one that the server is started in. */
function folderOf({ values }: CommandLine<typeof CHECK_OPTIONS>): string | undefined {
  if (values.dir === undefined) return values.command === undefined ? undefined : Deno.cwd();
  const folder = resolve(values.dir);
  try {
    if (Deno.statSync(folder).isDirectory) return folder;
  } catch (error) {
    throw fileError(error, "read", values.dir);
  }
  throw new UsageError("bad_value", `Cannot use --dir ${values.dir}: it is no folder`, {
    details: { option: "--dir", value: values.dir, reason: "folder" },
  });
}

async function programOf(
  { values }: CommandLine<typeof CHECK_OPTIONS>,
  { folder, ...start }: {
    readonly target: Target;
    readonly folder: string | undefined;
    readonly signal: AbortSignal;
    readonly onPortLeft: OnPortLeft;
  },
): Promise<Program | undefined> {
  const { command, pid } = values;
  if (command !== undefined && pid !== undefined) {
    throw new UsageError("bad_value", "Cannot use --pid: it does not go with --command", {
      details: { option: "--pid", value: pid, reason: "conflict", other: "--command" },
    });
  }
  if (command !== undefined) {
    return await Program.started({ ...start, command, folder: folder ?? ".", answers: values.answers });
  }
  if (pid === undefined) return undefined;
  // Where processes cannot be seen, none is missing.
  const seen = await processes();
  if (seen.length > 0 && !seen.some((one) => one.pid === pid)) {
    throw new UsageError("bad_value", `Cannot use --pid ${pid}: there is no such process`, {
      details: { option: "--pid", value: pid, reason: "no_process" },
    });
  }
  return Program.attached(pid, start.target);
}

/** Bytes of a message that no single read returns, for trying it by hand. */
const LARGE = 70_000;

/** Who the grader says it is: by default somebody new. */
function identity({ values }: CommandLine<typeof CHECK_OPTIONS>): DialogueOptions {
  const random = (length: number): string =>
    Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => String.fromCharCode(97 + byte % 26)).join("");
  return {
    isGiven: values.user !== undefined && values.passwordFile !== undefined,
    register: values.register,
    name: values.user ?? `Check${random(5)}`,
    // With what servers ask of one: both kinds of letters, a digit, and 8 to 16 characters.
    password: values.passwordFile === undefined ? `Pw${random(9)}7` : readPasswordFile(values.passwordFile),
  };
}

function reportOf(result: CheckResult, t: Translate, language: Language): CheckReport {
  const values = {
    at: targetText(result.target),
    framing: result.framing?.name ?? "raw",
    // In a header of four digits less can be announced.
    size: String(Math.min(LARGE, result.framing?.capacity ?? LARGE)),
  };
  const checks = result.observations.map((observation) => findingOf(observation, { t, language, values }));
  return {
    target: targetText(result.target),
    framing: result.framing?.name ?? "",
    checks,
    summary: summaryOf(checks),
    notes: result.notes.map((note) => said(note, t)),
  };
}

function findingOf(
  { id, status, sent, received, diagnosis }: Observation,
  { t, language, values }: { readonly t: Translate; readonly language: Language; readonly values: Details },
): Finding {
  return {
    ...{ id, task: CHECK_TASKS[id], status },
    sent: told(sent, t),
    received: told(received, t),
    diagnosis: diagnosis === undefined ? "" : said(diagnosis, t),
    page: taskPage(CHECK_TASKS[id], language),
    ...status === "skipped" && diagnosis !== undefined ? { kind: skipKind(diagnosis.key) } : {},
    ...status === "failed" ? { try: t(`check.try.${id}`, values) } : {},
  };
}

function told(text: Evidence | undefined, t: Translate): string {
  return text === undefined ? "" : typeof text === "string" ? text : said(text, t);
}

function said({ key, values = {} }: Message, t: Translate): string {
  return t(`check.say.${key}`, values);
}

function titles(t: Translate): (id: string) => string {
  const ids: readonly string[] = Object.keys(CHECK_TASKS);
  // Found among the keys, so it is one of them.
  return (id) => ids.includes(id) ? t(`check.title.${id as keyof typeof CHECK_TASKS}`) : id;
}

function interrupted(t: Translate): number {
  printError(t("check.interrupted"));
  return EXIT.interrupted;
}
