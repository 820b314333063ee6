/**
 * `echo-server check`: grades a client that it starts, or waits for.
 *
 * @module
 */
import { type CheckReport, summaryOf, taskPage } from "../grading/model.ts";
import { listen } from "../../net/listen.ts";
import { type ClientFinding, type Examination, examineClient } from "./examine.ts";
import { CLIENT_CHECK_IDS, CLIENT_CHECKS, type ClientCheckId } from "./outcome.ts";
import { ClientHarness, NoClient } from "./client_harness.ts";
import { escapeText } from "../../base/text.ts";
import { CheckLimits, exitOf, humanReport, jsonReport, MARKS } from "../grading/report.ts";
import { writeReports } from "../grading/report_files.ts";
import { Orphans } from "../grading/orphans.ts";
import { checkOutputFiles } from "../../base/output_check.ts";
import { durationText } from "../../cli/common_options.ts";
import { environment } from "../../cli/environment.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { languageFrom } from "../../cli/texts.ts";
import type { Translate } from "./texts.ts";
import type { CommandLine } from "../../cli/options.ts";
import { isClass } from "../grading/class/options.ts";
import type { CLIENT_CHECK_OPTIONS } from "./options.ts";
import { findingFrom, titleOf, whatToDo } from "./text.ts";
import { hasColours, print, printError, printText } from "../../cli/output.ts";
import { Progress } from "../../cli/progress.ts";

/** Time for one step of a program, of one that has let that pass before, and of a person, in ms. */
const WAIT = { command: 5000, again: 1000, person: 120_000 };

/** Time for one client of a class, in ms. */
const LONGEST = 60_000;

/** Typed behind the last message: the word most clients know, then the empty line that ends others. */
const EXIT_WORDS = ["exit", ""];

/**
 * Runs the command; resolves to its exit code.
 *
 * @throws {UsageError} `bad_value`, when the client cannot be started; `unexpected_argument`.
 * @throws {NetworkError} as {@linkcode listen} does.
 * @throws {StorageError} `cannot_write`
 */
export async function checkClient(
  line: CommandLine<typeof CLIENT_CHECK_OPTIONS>,
  { command, t }: { readonly command: readonly string[]; readonly t: Translate },
): Promise<number> {
  await using _orphans = new Orphans();
  const { values } = line;
  if (isClass(line)) return await checkClients(line, t);
  checkOutputFiles({ "--junit": values.junit, "--html": values.html });
  const onBusy = (port: number): void => printError(t("server_check.busy", { port }));
  const [open] = await listen({ hosts: [values.host], port: values.port, strictPort: values.strictPort, onBusy });
  if (open === undefined || !("hostname" in open.listener.addr)) throw new TypeError("listen() opened no TCP listener");
  const { address } = open;
  printError(t("server_check.listening", { address }));
  const tasks = new Set(values.tasks);
  // The first check comes in any case: the others build on what it finds out.
  const steps = CLIENT_CHECK_IDS.filter((id, at) => at === 0 || tasks.size === 0 || tasks.has(CLIENT_CHECKS[id]));
  const wait = values.wait ?? (command.length > 0 ? WAIT.command : WAIT.person);
  const again = values.wait ?? (command.length > 0 ? WAIT.again : WAIT.person);
  using limits = new CheckLimits(values.timeout);
  await using harness = new ClientHarness({
    listener: open.listener as Deno.TcpListener,
    ...{ command, answers: values.answers, wait, again, signal: limits.signal },
    exitWords: values.exitWords.length > 0 ? values.exitWords : EXIT_WORDS,
    greeting: values.greeting,
    framing: values.framing,
    invite: (id, isAgain) => printError(invitation({ id, isAgain, steps, address, t })),
  });
  const language = languageFrom(values.lang, environment);
  using progress = new Progress({ quiet: values.quiet });
  // A person sees how each step ended; a command is done before anybody has looked.
  const onFinding = ({ id, outcome }: ClientFinding): void => {
    if (command.length === 0) printError(`${MARKS[outcome.status]} ${id}`);
    else progress.show(() => t("check.progress", { number: steps.indexOf(id) + 1, count: steps.length, id }));
  };
  const findings = await findingsOf(harness, { tasks, onFinding });
  progress.clear();
  if (limits.endedBy === "interrupt") {
    printError(t("server_check.interrupted"));
    return EXIT.interrupted;
  }
  if (findings instanceof NoClient) {
    const time = durationText(Math.min(values.timeout, findings.waited));
    printError(noClientText(findings, { address, time, asks: command.length > 0 && values.answers.length === 0, t }));
    return EXIT.timeout;
  }
  const checks = findings.map((finding) => findingFrom(finding, { t, page: taskPage(finding.task, language) }));
  const report: CheckReport = {
    target: command.length > 0 ? escapeText(command.join(" ")) : address,
    framing: harness.framing?.name ?? "",
    checks,
    summary: summaryOf(checks),
    notes: [
      ...harness.isFixed ? [t("server_check.note.fixed")] : [],
      ...harness.collectsUntil !== undefined ? [t("server_check.note.collecting")] : [],
    ],
  };
  const style = { title: (id: string) => titleOf(id, t), colour: hasColours(values.color), isBrief: values.quiet };
  if (values.json) print(jsonReport(report));
  else printText(humanReport(report, t, style));
  const { junit, html } = values;
  await writeReports(report, { junit, html, tool: "echo-server check", title: style.title, t });
  return exitOf(report, limits);
}

/** Examines a class; the options for one client hold for each of them. */
async function checkClients(line: CommandLine<typeof CLIENT_CHECK_OPTIONS>, t: Translate): Promise<number> {
  const { asArgument, checkClass } = await import("../grading/class/command.ts");
  const { values } = line;
  return await checkClass(line, {
    ...{ json: values.json, junit: values.junit, lang: values.lang, tasks: values.tasks, framing: values.framing, t },
    timeout: Math.min(values.timeout, LONGEST),
    options: {
      client: [
        ...values.answers.map((answer) => `--answer=${answer}`),
        ...values.exitWords.map((word) => `--exit-word=${word}`),
        ...asArgument("greeting", values.greeting),
        ...asArgument("wait", values.wait === undefined ? undefined : `${values.wait}ms`),
      ],
    },
  });
}

async function findingsOf(harness: ClientHarness, examination: Examination): Promise<ClientFinding[] | NoClient> {
  try {
    return await examineClient(harness, examination);
  } catch (error) {
    if (error instanceof NoClient) return error;
    throw error;
  }
}

/** What a person is asked to do next. */
function invitation(
  { id, isAgain, steps, address, t }: {
    readonly id: ClientCheckId;
    readonly isAgain: boolean;
    readonly steps: readonly ClientCheckId[];
    readonly address: string;
    readonly t: Translate;
  },
): string {
  const what = whatToDo(id, t);
  if (isAgain) return t("server_check.again", { address, what });
  return t("server_check.invite", { number: steps.indexOf(id) + 1, count: steps.length, id, address, what });
}

function noClientText(
  { words, hasEnded }: NoClient,
  { address, time, asks, t }: {
    readonly address: string;
    readonly time: string;
    readonly asks: boolean;
    readonly t: Translate;
  },
): string {
  const told = words === "" ? "" : t("server_check.client_words", { words: escapeText(words) });
  const text = hasEnded
    ? t("server_check.client_ended", { address, words: told })
    : t("server_check.no_client", { address, time, words: told });
  return asks ? `${text}\n${t("server_check.client_hint")}` : text;
}
