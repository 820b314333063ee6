/**
 * What a class has handed in: a folder for each student, or one program each; and a list of commands and names, where one
 * is given.
 *
 * @module
 */
import { basename, dirname, extname, globToRegExp, join, relative, resolve } from "@std/path";
import { UsageError } from "../../../base/errors.ts";
import { fileError } from "../../../base/system_errors.ts";
import { readText } from "../../../base/text_file.ts";
import { parseCsv } from "./csv.ts";
import { type Side, SIDES, type Student, type Submission } from "./model.ts";

interface ClassPlace {
  readonly folder: string | undefined;
  /** A table with the columns folder, server, client, name, email, id; only the first has to be there. */
  readonly list: string | undefined;
  /** Names of files that are taken for a side's program, before what the names and the texts of files tell. */
  readonly globs: Readonly<Record<Side, readonly string[]>>;
}

/** How programs are started, by the end of their names; `{file}` stands for the quoted path. */
const STARTS: Readonly<Record<string, string>> = {
  ".py": "python3 {file}",
  ".js": "node {file}",
  ".mjs": "node {file}",
  ".ts": "deno run -A {file}",
  ".sh": "sh {file}",
  ".rb": "ruby {file}",
  ".php": "php {file}",
  ".go": "go run {file}",
  ".jar": "java -jar {file}",
  ".java": "java {file}",
};

/** What a program's name or its text tells of its side. */
const NAMES: Readonly<Record<Side, RegExp>> = { server: /serv|серв/i, client: /client|клиент/i };
const CALLS: Readonly<Record<Side, RegExp>> = {
  server: /\.listen\s*\(|\bServerSocket\b|start_server|createServer|TCPServer|create_server/,
  client: /\.connect\s*\(|create_connection|open_connection|createConnection|new Socket\s*\(/,
};

/** A class of its own that is derived from a socket. */
const SUBCLASS = /^\s*class\s+\w+\s*\([^)]*\bsocket(?:\.socket)?\s*[,)]/m;

/** Folders that hold nobody's own work, how deep to look, and the largest file that is read, in bytes. */
const ASIDE = /^(?:\..*|__pycache__|node_modules|venv|env|site-packages|target|build|dist|__MACOSX)$/;
const DEPTH = 4;
const LARGEST = 1_000_000;

interface Source {
  readonly path: string;
  readonly text: string;
}

/** A program that may be started; its text has that of its modules. */
interface Program extends Source {
  readonly isModule: boolean;
}

/**
 * Everything that was handed in, in the order of the names.
 *
 * @throws {StorageError} `cannot_read`
 * @throws {UsageError} `bad_value`, when there is nothing, or the list has no column `folder`.
 */
export function findSubmissions({ folder, list, globs }: ClassPlace): readonly Submission[] {
  const rows = list === undefined ? [] : readList(list);
  const root = resolve(folder ?? (list === undefined ? "." : dirname(list)));
  const sources = folder === undefined ? [] : sourcesIn(root);
  const short = sources.map(nameOf);
  // Two may hand in programs of one name in different languages.
  const found = new Map(sources.map((source, at) => {
    const name = short[at] ?? "";
    return [short.indexOf(name) === short.lastIndexOf(name) ? name : basename(source), source];
  }));
  for (const { folder: name = "" } of rows) {
    if (!found.has(name)) found.set(name, resolve(root, name));
  }
  const submissions = Array.from(found, ([name, source]) => {
    const row = rows.find((one) => one["folder"] === name) ?? {};
    return submissionOf({ name, source, row, globs });
  });
  const option = folder === undefined ? "--list" : "--class";
  if (submissions.length === 0) throw unusable(option, folder ?? list ?? "", "no_submissions");
  return submissions.sort((a, b) => a.name.localeCompare(b.name));
}

/** The students' folders; where there are none, the folder's programs; with one called a server, the folder is one student's. */
function sourcesIn(root: string): string[] {
  const entries = listing(root);
  const folders = entries.filter(({ name, isDirectory }) => isDirectory && !ASIDE.test(name));
  const files = entries.filter(({ name, isFile }) => isFile && isProgram(name)).map(({ name }) => join(root, name));
  if (files.length === 0) return folders.map(({ name }) => join(root, name));
  const withPrograms = folders.filter(({ name }) => programsIn(join(root, name)).length > 0);
  if (withPrograms.length > 0 && files.length <= withPrograms.length) {
    return folders.map(({ name }) => join(root, name));
  }
  const named = (side: Side): number => files.filter((path) => NAMES[side].test(basename(path))).length;
  return named("server") === 1 && named("client") <= 1 ? [root] : files;
}

function submissionOf(
  { name, source, row, globs }: {
    readonly name: string;
    readonly source: string;
    readonly row: Readonly<Record<string, string>>;
    readonly globs: ClassPlace["globs"];
  },
): Submission {
  const programs = isFolder(source) ? programsIn(source) : [sourceAt(source, basename(source))];
  const commands: Partial<Record<Side, string>> = {};
  const others: string[] = [];
  for (const side of SIDES) {
    const [best, ...rest] = candidates(withModules(programs), side, { globs: globs[side], isFolder: isFolder(source) });
    const command = row[side] || (best === undefined ? undefined : startOf(best.path));
    if (command !== undefined) commands[side] = command;
    if (!row[side]) others.push(...rest.map(({ path }) => path));
  }
  const hasSubclass = programs.some(({ text }) => SUBCLASS.test(text));
  return { name, source, student: studentOf(name, row), commands, others, hasSubclass };
}

/** Words of the lines in which a program of Python takes modules. */
function importsOf(text: string): ReadonlySet<string> {
  const lines = text.matchAll(/^\s*(?:from|import)\s(.*)$/gm);
  return new Set(Array.from(lines).flatMap(([, line = ""]) => line.split(/[^\p{L}\p{N}_]+/u)));
}

/** The programs, each with the modules that it takes; who is taken and has no part of its own to run is a module. */
function withModules(sources: readonly Source[]): Program[] {
  const taken = sources.map(({ text }) => importsOf(text));
  const nameOf = ({ path }: Source): string => basename(path, ".py");
  const isModule = (source: Source): boolean =>
    !/__name__\s*==/.test(source.text) &&
    sources.some((other, at) => other !== source && taken[at]?.has(nameOf(source)));
  const modules = sources.filter(isModule);
  return sources.map((source, at) => {
    const own = modules.filter((module) => module !== source && taken[at]?.has(nameOf(module)));
    const text = [source, ...own].map((one) => one.text).join("\n");
    return { path: source.path, text, isModule: modules.includes(source) };
  });
}

/** Programs of one side, the likeliest first: named so, then written so, then higher up, then by the shorter name. */
function candidates(
  programs: readonly Program[],
  side: Side,
  { globs, isFolder }: { readonly globs: readonly string[]; readonly isFolder: boolean },
): Source[] {
  const other: Side = side === "server" ? "client" : "server";
  const patterns = globs.map((glob) => globToRegExp(glob, { extended: true, globstar: true }));
  const rank = ({ path, text, isModule }: Program): number => {
    if (patterns.some((pattern) => pattern.test(path) || pattern.test(basename(path)))) return 9;
    const [isNamed, isWritten] = [NAMES[side].test(basename(path)), CALLS[side].test(text)];
    const isOther = { named: NAMES[other].test(basename(path)), written: CALLS[other].test(text) };
    // A program by itself is one side's: a server listens, whatever it is called.
    if (!isFolder && CALLS.server.test(text)) return side === "server" ? 1 : 0;
    if (!isFolder) return isWritten || (isNamed && !isOther.written) ? 1 : 0;
    if (isOther.named && !isNamed) return 0;
    return (isModule ? -4 : 0) + (isNamed ? 2 : 0) + (isWritten ? 3 : 0) - (isOther.written && !isWritten ? 9 : 0);
  };
  const ranked = programs.map((program) => ({ program, rank: rank(program) })).filter(({ rank }) => rank > 0);
  const depth = ({ path }: Source): number => path.split("/").length;
  ranked.sort((a, b) =>
    b.rank - a.rank || depth(a.program) - depth(b.program) ||
    basename(a.program.path).length - basename(b.program.path).length ||
    a.program.path.localeCompare(b.program.path, "en", { numeric: true })
  );
  return ranked.map(({ program }) => program);
}

/** A program is started in its own folder, as an editor does: what it opens lies there. */
function startOf(path: string): string {
  const start = STARTS[extname(path).toLowerCase()] ?? "{file}";
  const folder = dirname(path);
  const enter = (into: string): string => into === "." ? "" : `cd ${quoted(into)} && `;
  // A package of Python is started from outside: it names its own modules with a dot.
  if (folder !== "." && basename(path) === "__main__.py") {
    return `${enter(dirname(folder))}python3 -m ${quoted(basename(folder))}`;
  }
  return enter(folder) + start.replace("{file}", () => quoted(basename(path)));
}

/** As a shell takes it, and no option of the program that it is given to. */
function quoted(path: string): string {
  const word = /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
  return path.startsWith("-") ? `./${word}` : word;
}

function studentOf(name: string, row: Readonly<Record<string, string>>): Student {
  // Moodle's folders of submissions: `Anna Petrova_12345_assignsubmission_file`.
  const moodle = /^(.+?)_\d+_assignsubmission_/.exec(name)?.[1];
  const [email = ""] = /^[^\s@]+@[^\s@]+\.[^\s@_]+/.exec(name) ?? [];
  return { name: row["name"] || moodle || name, email: row["email"] || email, id: row["id"] ?? "" };
}

/** A student's programs, with paths inside the folder. */
function programsIn(folder: string): Source[] {
  const found: Source[] = [];
  const visit = (path: string, depth: number): void => {
    const entries = listing(path);
    // A virtual environment of Python, whatever it is called.
    if (entries.some(({ name }) => name === "pyvenv.cfg")) return;
    for (const { name, isDirectory, isFile } of entries) {
      const inner = join(path, name);
      if (isDirectory && depth < DEPTH && !ASIDE.test(name)) visit(inner, depth + 1);
      if (isFile && isProgram(name)) found.push(sourceAt(inner, relative(folder, inner)));
    }
  };
  visit(folder, 0);
  return found;
}

function sourceAt(path: string, name: string): Source {
  try {
    const text = Deno.statSync(path).size > LARGEST ? "" : Deno.readTextFileSync(path);
    return { path: name, text };
  } catch {
    return { path: name, text: "" };
  }
}

function isProgram(name: string): boolean {
  return !name.startsWith(".") && extname(name).toLowerCase() in STARTS;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    throw fileError(error, "read", path);
  }
}

function listing(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)].sort((a, b) => a.name.localeCompare(b.name));
  } catch (error) {
    throw fileError(error, "read", folder);
  }
}

function nameOf(source: string): string {
  return isFolder(source) ? basename(source) : basename(source, extname(source));
}

function readList(path: string): Readonly<Record<string, string>>[] {
  const rows = parseCsv(readText(path));
  if (rows.some((row) => !row["folder"])) throw unusable("--list", path, "class_list");
  return rows;
}

function unusable(option: string, value: string, reason: string): UsageError {
  return new UsageError("bad_value", `Cannot use ${option} ${value}: ${reason}`, {
    details: { option, value, reason },
  });
}
