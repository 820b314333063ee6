/**
 * The corpus: servers and clients in the ways students write, each with what is right to say of it in its head.
 *
 * @module
 */
import { type ClientFinding, examineClient } from "../../lib/commands/check_client/examine.ts";
import { ClientHarness } from "../../lib/commands/check_client/client_harness.ts";
import type { CheckReport } from "../../lib/commands/grading/model.ts";
import { grade, PYTHON, workplaceOf } from "./lab.ts";
import { tempDir } from "./programs.ts";
import { inRepository } from "./repository.ts";

const FOLDER = inRepository("tests/lab/corpus");

/** What the head of a program says of it, `# failed: leave-close` or the like, by the word before the colon. */
export interface Program {
  readonly name: string;
  readonly file: string;
  readonly isClient: boolean;
  readonly head: ReadonlyMap<string, string>;
  /** Whether it asks for passwords. */
  readonly hasPasswords: boolean;
  /** Somebody it knows, as a teacher would give one. */
  readonly known?: { readonly user: string; readonly password: string };
}

/** One that takes nobody new, `# known: olga x1`, is there twice: examined by a stranger, and by whom it knows. */
export const PROGRAMS: readonly Program[] = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
  .filter((name) => name.endsWith(".py")).sort().flatMap((file) => {
    const text = Deno.readTextFileSync(`${FOLDER}/${file}`);
    const head = new Map(Array.from(text.matchAll(/^# (\w+): (.*)$/gm), ([, key = "", value = ""]) => [key, value]));
    const program: Program = {
      ...{ name: file.replace(/\.py$/, ""), file, head },
      ...{ isClient: file.startsWith("client_"), hasPasswords: /passw|парол|parol/i.test(text) },
    };
    const [user, password] = words(head.get("known"));
    if (user === undefined || password === undefined) return [program];
    const own = ["tasks", "passed", "failed"].map((key) =>
      [key, head.get(key === "tasks" ? key : `known_${key}`) ?? ""] as const
    );
    return [program, {
      ...program,
      ...{ name: `${program.name} with somebody known`, head: new Map(own), known: { user, password } },
    }];
  });

/** What is wrong with every server that keeps to its one task, and is no part of what it stands for. */
export const ASIDE: readonly string[] = [
  ...["log-file", "port-fallback", "port-printed", "many-clients", "leave-reset", "leave-half-close"],
];

/** The words of a line of a head. */
export function words(text = ""): string[] {
  return text.split(" ").filter((word) => word !== "");
}

/** Examines a server of the corpus in a folder of its own. */
export async function gradeServerOf({ file, head, known }: Program): Promise<CheckReport> {
  using place = workplaceOf([file, ...words(head.get("beside")).map((name) => `${name}.py`)].map(inFolder));
  const tasks = head.has("tasks") ? ` --tasks ${head.get("tasks")}` : "";
  // Not in the program's own folder: what that holds of the password is looked for.
  using aside = tempDir();
  const login = known === undefined ? "" : ` --user ${known.user} --password-file ${aside.at("password")}`;
  if (known !== undefined) Deno.writeTextFileSync(aside.at("password"), known.password, { mode: 0o600 });
  return await grade(
    `echo-client check 127.0.0.1:9090 --command 'python3 ${file}'${tasks}${login} ${head.get("options") ?? ""}`,
    place,
  );
}

/** Examines a client of the corpus. */
export async function gradeClientOf(
  { file }: Program,
): Promise<{ readonly findings: ClientFinding[]; readonly harness: ClientHarness }> {
  await using harness = new ClientHarness({
    listener: Deno.listen({ hostname: "127.0.0.1", port: 0 }),
    command: [...PYTHON, inFolder(file)],
    ...{ answers: [], exitWords: ["exit", ""], greeting: undefined, framing: undefined, wait: 3000, again: 1000 },
    ...{ signal: AbortSignal.timeout(LONGEST), invite: () => {} },
  });
  return { findings: await examineClient(harness, { tasks: new Set() }), harness };
}

/** Longest time an examination may take, in ms. Reached only when something is wrong. */
const LONGEST = 60_000;

function inFolder(file: string): string {
  return `${FOLDER}/${file}`;
}
