/**
 * The command blocks of the pages, and how a test runs one: as a reader would who types each line in turn.
 *
 * A comment before a block says what differs from the plain case: `<!-- run: exit=10 server.py=tests/… -->` with `exit`
 * (code that the last line ends with), `busy` (port 9090 is taken), `continues` (what the block above started is there
 * yet), `without=WORD` (lines with this word are not run), and files that are there; or `<!-- not run: REASON -->`.
 *
 * @module
 */
import { basename, dirname, join } from "@std/path";
import { reservePort } from "./ports.ts";
import { Pty } from "./pty.ts";
import { inRepository } from "./repository.ts";
import { isInstalled, netcatArgs, type TempDir, tempDir, toolPath, until } from "./tools.ts";

/** A line to run, and what the page shows below it. */
export interface Step {
  readonly command: string;
  readonly comment: string;
  readonly shown: readonly string[];
}

/** A block of a page. */
export interface Block {
  /** Page and line. */
  readonly place: string;
  readonly isRussian: boolean;
  readonly steps: readonly Step[];
  /** Why it is not run. */
  readonly reason: string | undefined;
  readonly settings: ReadonlyMap<string, string>;
}

/** How a line begins that a shell takes. */
const COMMAND =
  /^(?:echo-(?:server|client)|npx|npm|deno|sudo|sha256sum|podman|createdb|export|cp|tcpdump|seq|journalctl|rm|for|import) /;

/** The blocks of commands of a page. Those of the lab (`sh`) have tests of their own. */
export function blocksOf(page: string): Block[] {
  const text = Deno.readTextFileSync(inRepository(page)).replace(/^```[^]*?^```$/gm, (code) => code.replace(/.+/g, ""));
  return [...text.matchAll(/(?:<!-- (not run|run): ([^]*?) -->\n\n)?(?<=\n)( {4,}\S.*\n(?:\n* {4,}\S.*\n)*)/g)]
    .flatMap(({ index, 1: kind, 2: note = "", 3: body = "" }): Block[] => {
      const indent = Math.min(...[...body.matchAll(/^ +(?=\S)/gm)].map(([spaces]) => spaces.length));
      const steps = stepsOf(body.replaceAll(/\\\n\s*/g, "").split("\n").map((line) => line.slice(indent)));
      const line = text.slice(0, text.indexOf(body, index)).split("\n").length;
      const settings = kind === "run" ? note.split(/\s+/).map((word) => word.split("=")) : [];
      return steps.length === 0 ? [] : [{
        ...{ place: `${page}:${line}`, isRussian: page.endsWith(".ru.md"), steps },
        reason: kind === "not run" ? note.replaceAll(/\s+/g, " ") : undefined,
        settings: new Map(settings.map(([name = "", value = ""]) => [name, value])),
      }];
    });
}

function stepsOf(lines: readonly string[]): Step[] {
  if (/^import /.test(lines[0] ?? "")) return [{ command: `python3 -c '${lines.join("\n")}'`, comment: "", shown: [] }];
  if (lines.some((line) => line.startsWith("$ "))) {
    const parts = lines.join("\n").split(/^\$ /m).slice(1);
    return parts.map((part) => {
      const [first = "", ...shown] = part.trimEnd().split("\n");
      return { ...withoutComment(first), shown: shown.filter((line) => line !== "") };
    });
  }
  const isCode = lines.some((line) => COMMAND.test(line) && !/\[options\]/.test(line));
  return isCode ? lines.filter((line) => line !== "").map((line) => ({ ...withoutComment(line), shown: [] })) : [];
}

function withoutComment(line: string): { command: string; comment: string } {
  const [command = "", comment = ""] = line.split(/\s+# /);
  return { command: command.trim(), comment };
}

/** Programs that serve or go on until somebody ends them. */
const SERVICE =
  /^echo-server(?! (?:users|hosts|sessions|store|cert|check|docs|--version|--check-config)\b)|^echo-client (?:explain(?!.*--read)|ping)/;

/** What a page shows before something is typed. */
const PROMPT =
  /^(.*\]:|Name:|Имя:|(?:Password for|New password for|Пароль пользователя|Новый пароль пользователя) \w+:|The same again:|Ещё раз:|>)(.*)$/;

/** What is typed where a page shows no dialogue. */
const DIALOGUES: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /^echo-client login$/,
    [
      "Host [127.0.0.1]:",
      "Port [9090]:",
      "Name: anna",
      "Password for anna:",
      "Register this name [y/N]: y",
      "New password for anna:",
      "The same again:",
    ],
  ],
];

const PASSWORD = "correct horse";

/** A recording with a frame of one byte in each direction; the second byte is what the server answered. */
const recording = (answer: string): string =>
  `{"record":"echo-client","version":1}
{"event":"open","connection":1,"at":1,"transport":"tcp","client":"127.0.0.1:5000","server":"127.0.0.1:9090","connect_ms":null}
{"event":"data","connection":1,"at":2,"from":"client","data":"AAAAAco="}
{"event":"data","connection":1,"at":3,"from":"server","data":"${answer}"}
{"event":"close","connection":1,"at":4}
{"event":"open","connection":2,"at":5,"transport":"tcp","client":"127.0.0.1:5001","server":"127.0.0.1:9090","connect_ms":null}
{"event":"data","connection":2,"at":6,"from":"client","data":"AAAAAco="}
{"event":"data","connection":2,"at":7,"from":"server","data":"AAAAAco="}
{"event":"close","connection":2,"at":8}
`;

/** Programs that not every machine has, and whether they are here. */
const HELPERS: readonly (readonly [string, () => boolean])[] = [
  ["nc -N", () => netcatArgs()?.[0] === "-N"],
  ["page-token", () => isInstalled("openssl")],
];

/** What programs of tests/lab import. */
const BESIDE = new Set(["base.py", "correct.py"]);

/** A service that runs, as text that grows and an end. */
interface Service {
  readonly text: () => string;
  readonly hasEnded: () => boolean;
  readonly end: () => Promise<number>;
}

/** A reader's machine: a folder, ports, and what runs. Disposing ends all that runs. */
export class Reader implements AsyncDisposable {
  readonly #folder: TempDir = tempDir();
  readonly #reserved = reservePort();
  readonly #services: Service[] = [];
  readonly #owned: AsyncDisposable[] = [];
  readonly #ports: Map<string, number>;
  #listener: Deno.Listener | undefined;

  constructor() {
    const { port } = this.#reserved;
    this.#ports = new Map(["9090", "9091", "8080", "9100", "9443"].map((shown, at) => [shown, port + at]));
  }

  /** Runs a block; returns how many lines were run. Throws at the first that does something else than the page says. */
  async run(block: Block): Promise<number> {
    const { settings, steps } = block;
    if (!settings.has("continues")) await this.#prepare(block);
    const skipped = settings.get("without");
    const toRun = steps.filter(({ command }) =>
      (skipped === undefined || !command.includes(skipped)) &&
      HELPERS.every(([word, isHere]) => isHere() || !command.includes(word))
    );
    for (const [at, step] of toRun.entries()) {
      const codes = [...step.comment.matchAll(/(?:exit code|код завершения) (\d+)/g)].map(([, code]) => Number(code));
      const expected = at === toRun.length - 1 && settings.has("exit") ? [Number(settings.get("exit"))] : [0, ...codes];
      await this.#step(step, { expected, block });
    }
    return toRun.length;
  }

  /** Ends what runs: each service ends well. */
  async finish(): Promise<void> {
    for (const service of this.#services.splice(0).reverse()) {
      const code = await service.end();
      // Ctrl-C ends with the signal, or with its code.
      if (![0, 130, -2].includes(code)) throw new Error(`A service ended with ${code}: ${service.text()}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.finish();
    } finally {
      for (const owned of this.#owned) await owned[Symbol.asyncDispose]();
      this.#listener?.close();
      this.#reserved[Symbol.dispose]();
      this.#folder[Symbol.dispose]();
    }
  }

  async #prepare({ settings, steps }: Block): Promise<void> {
    const files: Record<string, string> = {
      "message.txt": "a message\n",
      "wire.jsonl": recording(settings.has("differs") ? "AAAAAcs=" : "AAAAAco="),
    };
    for (const [name, text] of Object.entries(files)) Deno.writeTextFileSync(this.#folder.at(name), text);
    for (const [name, path] of settings) {
      if (path.includes("/")) this.#copy(path, name);
    }
    if (steps.some(({ command }) => command.includes(".pcap"))) {
      await this.#shell("echo-client explain --read wire.jsonl --pcap tcpdump.pcap && cp tcpdump.pcap wire.pcap");
    }
    if (settings.has("busy")) this.#listener = Deno.listen({ hostname: "127.0.0.1", port: this.#port("9090") });
    const needs = steps.some(({ command }) => /^echo-client|127\.0\.0\.1:9090|^seq|^python3/.test(command));
    const brings = steps.some(({ command }) => /^echo-server(?! (?:cert|users|check))|--command/.test(command));
    if (needs && !brings) await this.#serve({ command: "echo-server --no-input", comment: "", shown: [] });
  }

  /** Copies a program, and what lies beside it in the same language, with this reader's port in it. */
  #copy(path: string, name: string): void {
    const folder = dirname(inRepository(path));
    for (const { name: other } of Deno.readDirSync(folder)) {
      if (other !== basename(path) && !BESIDE.has(other)) continue;
      const text = Deno.readTextFileSync(join(folder, other)).replaceAll("9090", String(this.#port("9090")));
      Deno.writeTextFileSync(this.#folder.at(other === basename(path) ? name : other), text);
    }
  }

  async #step(step: Step, { expected, block }: { expected: readonly number[]; block: Block }): Promise<void> {
    const dialogue = DIALOGUES.find(([command]) => command.test(step.command))?.[1];
    const shown = step.shown.length === 0 ? dialogue ?? [] : step.shown;
    const asks = shown.some((line) => PROMPT.test(line) && !line.startsWith("["));
    const where = `${block.place}: ${step.command}`;
    if (asks) {
      return await this.#talk({ ...step, shown }, { where, isRussian: block.isRussian && step.shown.length > 0 });
    }
    if (SERVICE.test(step.command)) return await this.#serve(step, block.isRussian);
    const { code, stdout } = await this.#shell(this.#local(step.command), block.isRussian && step.shown.length > 0);
    if (!expected.includes(code)) throw new Error(`${where}\nexit ${code}\n${stdout}`);
    this.#compare(shown, stdout, where);
  }

  async #shell(command: string, isRussian = false): Promise<{ code: number; stdout: string }> {
    // The limit is for a line that waits for ever.
    const { code, stdout } = await new Deno.Command("timeout", {
      args: ["180", "bash", "-c", `exec 2>&1\n${command}`],
      ...{ cwd: this.#folder.path, env: this.#env(isRussian), stdin: "null" },
    }).output();
    return { code, stdout: new TextDecoder().decode(stdout) };
  }

  /** Starts what serves, and waits until it has printed what the page shows, or a line. */
  async #serve(step: Step, isRussian = false): Promise<void> {
    const command = this.#local(step.command).replace(/\s*&$/, "");
    const child = new Deno.Command("bash", {
      args: ["-c", `exec 2>&1; exec ${command}`],
      ...{ cwd: this.#folder.path, env: this.#env(isRussian), stdin: "null", stdout: "piped" },
    }).spawn();
    let text = "";
    let hasEnded = false;
    const read = (async (): Promise<void> => {
      for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) text += part;
      hasEnded = true;
    })();
    const end = async (): Promise<number> => {
      if (!hasEnded) child.kill("SIGINT");
      const [{ code, signal }] = await Promise.all([child.status, read]);
      return signal === null ? code : 130;
    };
    this.#services.push({ text: () => text, hasEnded: () => hasEnded, end });
    const wanted = Math.max(1, step.shown.length);
    await until(() => hasEnded || text.split("\n").length > wanted ? true : undefined, `a line of ${command}`);
    if (hasEnded) throw new Error(`${command} ended: ${text}`);
    this.#compare(step.shown, text, command);
  }

  /** Types what the page shows to be typed. */
  async #talk({ command, shown }: Step, { where, isRussian }: { where: string; isRussian: boolean }): Promise<void> {
    const env = this.#env(isRussian);
    // A port that is asked for is typed.
    const set = shown.some((line) => /^\S+ \[9090\]:/.test(line)) ? "unset ECHO_PORT; " : "";
    const pty = new Pty("bash", ["-c", `cd '${this.#folder.path}'; ${set}exec ${this.#local(command)}`], env);
    this.#owned.push(pty);
    try {
      for (const line of shown) {
        const [, prompt, typed = ""] = PROMPT.exec(line) ?? [];
        if (prompt === undefined) this.#learn(line, await pty.expect(shape(line)));
        else {
          await pty.expect(shape(prompt));
          await pty.enter(this.#answer(prompt, typed.trim()));
        }
      }
    } catch (error) {
      throw new Error(`${where}: ${error instanceof Error ? error.message : error}`);
    }
    const end = async (): Promise<number> => {
      // A conversation ends with Ctrl-D, a server with Ctrl-C.
      await pty.type(command.startsWith("echo-server") ? "\x03" : "\x04");
      return (await pty.ended).exit;
    };
    const service = { text: () => pty.text, hasEnded: () => false, end };
    if (SERVICE.test(command) || shown.some((line) => line.startsWith("> "))) this.#services.push(service);
    else if ((await pty.ended).exit !== 0) throw new Error(`${where}: ${pty.text}`);
  }

  #answer(prompt: string, typed: string): string {
    if (/assword|again|ароль|Ещё раз/.test(prompt)) return PASSWORD;
    if (typed === "" && prompt.includes("[9090]")) return String(this.#port("9090"));
    return this.#local(typed);
  }

  /** Each line that is shown comes, in turn; `…` stands for any. */
  #compare(shown: readonly string[], text: string, where: string): void {
    let from = 0;
    for (const line of shown) {
      if (line.trim() === "…") continue;
      const found = shape(line).exec(text.slice(from));
      if (found === null) throw new Error(`${where}\nthere is no ${line}\n${text}`);
      this.#learn(line, found[0]);
      from += found.index + found[0].length;
    }
  }

  /** What the page calls 9091 may be another port here. */
  #learn(line: string, text: string): void {
    const [shown, real] = [line, text].map((words) => /Listening on 127\.0\.0\.1:(\d+)/.exec(words)?.[1]);
    if (shown !== undefined && real !== undefined) this.#ports.set(shown, Number(real));
  }

  #port(shown: string): number {
    return this.#ports.get(shown) ?? Number(shown);
  }

  /** A line with the ports of this reader, and names and addresses that are this machine. */
  #local(line: string): string {
    return line.replaceAll(/\b(9090|9091|8080|9100|9443)\b/g, (port) => String(this.#port(port)))
      .replaceAll("echo.example", "localhost").replaceAll("192.0.2.1:", "127.0.0.2:");
  }

  #env(isRussian: boolean): Record<string, string> {
    return {
      ...{ PATH: `${dirname(toolPath("echo-client"))}:${Deno.env.get("PATH") ?? ""}`, NO_COLOR: "1" },
      ...{ HOME: this.#folder.path, XDG_STATE_HOME: this.#folder.at("state"), XDG_CONFIG_HOME: this.#folder.at("c") },
      ...{ LC_ALL: "C.UTF-8", ECHO_LANG: isRussian ? "ru" : "en", ECHO_PORT: String(this.#port("9090")) },
      ...{ ECHO_BENCH_DURATION: "300ms", ECHO_BENCH_WARMUP: "0s", ECHO_BENCH_RUNS: "1", ECHO_CHECK_TIMEOUT: "170s" },
    };
  }
}

/** A number, a date, or a time as the tools print them. */
const NUMBER = "\\d[\\d.,:\\u00a0\\u202f -]*(?:T[\\d:.]+Z)?(?:(?:[nµm]?s|мкс|мс|с)(?!\\p{L}))?";

/** What is like a line of a page: numbers, dates and widths may be others, `…` is anything. */
function shape(line: string): RegExp {
  const parts = line.trim().split(new RegExp(`(…|${NUMBER}|\\s+)`, "u")).map((part) => {
    if (part === "…") return ".*?";
    if (/^\s+$/.test(part)) return "\\s+";
    return /^\d/.test(part) ? NUMBER : RegExp.escape(part);
  });
  return new RegExp(parts.join(""), "u");
}
