// docs/conventions.md and docs/bug-reports.md, row by row.
import { assert, assertEquals } from "@std/assert";
import { dirname } from "@std/path";
import { PASSWORD, startAuth } from "../support/auth.ts";
import { someOf } from "../support/long.ts";
import { inRepository } from "../support/repository.ts";
import { type Finished, runProgram, startServer, type TempDir, tempDir, toolPath } from "../support/tools.ts";

/** Rows that run at once. */
const AT_ONCE = 4;

/** A row with a command. */
interface Row {
  readonly number: string;
  readonly command: string;
  readonly exit: number;
  readonly output: string;
  readonly errors: string;
}

/** The pages, how many rows each has, and how many of them the plain run tries. */
const PAGES = [["docs/conventions.md", 95, 12], ["docs/bug-reports.md", 39, 6]] as const;

/** The cells of each row of a page's tables. */
function cellsOf(page: string): string[][] {
  return [...Deno.readTextFileSync(inRepository(page)).matchAll(/^\| \d+ \|.*$/gm)].map(([line]) =>
    line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"))
  );
}

function rowsOf(page: string): Row[] {
  return cellsOf(page).flatMap(([number = "", _told, command = "", exit = "", output = "", errors = ""]): Row[] => {
    const code = /^`(.*)`$/.exec(command)?.[1];
    return code === undefined
      ? []
      : [{ number: `${page} ${number}`, command: code, exit: Number(exit), output, errors }];
  });
}

/** Programs that a row may want, and whether they are here and may work. */
const HELPERS = { script: ["-qec", "true", "/dev/null"], strace: ["true"] };

async function missingHelpers(): Promise<readonly string[]> {
  const tried = Object.entries(HELPERS).map(async ([name, args]) => {
    const works = await runProgram(name, args).then(({ code }) => code === 0, () => false);
    return works ? [] : [name];
  });
  return (await Promise.all(tried)).flat();
}

for (const [page, count] of PAGES) {
  Deno.test(`${page} has ${count} rows, each with a command, a test that exists, or a reason`, () => {
    const cells = cellsOf(page);
    assertEquals(cells.map(([number]) => Number(number)), Array.from({ length: count }, (_, at) => at + 1));
    for (const [number, , command = ""] of cells) {
      const [, path, name = ""] = /^\[[^\]]*\]\(\.\.\/([^)]*)\): (.*)$/.exec(command) ?? [];
      if (path !== undefined) assert(Deno.readTextFileSync(inRepository(path)).includes(name), `${number}: ${name}`);
      else assert(command.startsWith("`") || command.startsWith("Better not: "), `${number}: ${command}`);
    }
  });
}

Deno.test("Each command of these pages shows what its row says", async () => {
  await using echo = await startServer();
  await using auth = await startAuth(["anna"]);
  const missing = await missingHelpers();
  const rows = PAGES.flatMap(([page, , some]) => someOf(rowsOf(page), some));
  const open = rows.filter(({ command }) => !missing.some((name) => command.includes(`${name} `)));
  const wrong: string[] = [];
  const worker = async (): Promise<void> => {
    for (let row = open.shift(); row !== undefined; row = open.shift()) {
      using folder = tempDir();
      const finished = await shown(row, { folder, echo: echo.port, auth: auth.port });
      const faults = faultsOf(row, finished);
      if (faults.length > 0) wrong.push(`${row.number}. ${row.command}: ${faults.join(", ")}\n${told(finished)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  assertEquals(wrong, []);
});

async function shown(
  { command }: Row,
  { folder, echo, auth }: { readonly folder: TempDir; readonly echo: number; readonly auth: number },
): Promise<Finished> {
  Deno.writeTextFileSync(folder.at("password"), `${PASSWORD}\n`, { mode: 0o600 });
  // The limit is for a row that waits for ever.
  const line = command.replaceAll("9090", String(echo)).replaceAll("9091", String(auth));
  return await runProgram("timeout", ["55", "bash", "-c", line], {
    cwd: folder.path,
    env: {
      PATH: `${dirname(toolPath("echo-client"))}:${Deno.env.get("PATH") ?? ""}`,
      REPOSITORY: inRepository("."),
      HOME: folder.path,
      NO_COLOR: "",
      LC_ALL: "C",
    },
  });
}

function faultsOf({ exit, output, errors }: Row, finished: Finished): string[] {
  const faults = [...differences("output", output, finished.stdout), ...differences("errors", errors, finished.stderr)];
  return finished.code === exit ? faults : [`exit ${finished.code}`, ...faults];
}

/** What a cell says of a text and is not so. */
function differences(what: string, cell: string, text: string): string[] {
  if (cell === "–") return text === "" ? [] : [`${what} not empty`];
  return [...cell.matchAll(/(not )?`([^`]+)`/g)].flatMap(([, not, wanted = ""]) => {
    const has = text.includes(wanted);
    return has === (not === undefined) ? [] : [`${what}: ${not ?? "no "}${wanted}`];
  });
}

function told({ stdout, stderr }: Finished): string {
  return `${stdout.slice(0, 600)}\n${stderr.slice(0, 600)}`;
}
