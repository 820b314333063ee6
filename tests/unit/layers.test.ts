import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join, relative } from "@std/path";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));

/** The rooms of lib, and what each may import from besides itself: ARCHITECTURE.md has the drawing. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  framing: ["base"],
  auth: ["base"],
  net: ["base", "framing", "framed_conn"],
  framed_conn: ["base", "framing", "net"],
  protocol: ["base", "auth"],
  store: ["base", "auth"],
  client: ["base", "framing", "framed_conn", "net", "auth", "protocol"],
  server: ["base", "framing", "framed_conn", "net", "auth", "protocol", "store"],
  cli: ["base", "framing", "net", "auth"],
};

/** Rooms below the commands, and the kits that commands share. */
const BELOW = Object.keys(ROOMS);
const KITS = ["capture", "connection", "faults", "grading"].map((kit) => `commands/${kit}`);

/** What a module is allowed to look like that is free of I/O. */
const PURE = /^lib\/(framing|protocol|auth)\//;

/** I/O, the clock, and chance: handed in where a pure module needs them. */
const AMBIENT =
  /\bDeno\.|\bDate\.now|\bnew Date\(\)|\bMath\.random|\bperformance\.|\bgetRandomValues|\brandomUUID|\bfetch\(/;

interface Module {
  readonly path: string;
  readonly source: string;
  /** Paths of the modules of this repository that it imports, for their types only included. */
  readonly imports: readonly string[];
}

const modules = readModules();

Deno.test("Every module of lib has its room", () => {
  assert(modules.length > 30, "the modules were found");
  assert(modules.flatMap(({ imports }) => imports).length > 100, "their imports were found");
  for (const { path } of modules) {
    const room = roomOf(path);
    assert(room === "entry" || room.startsWith("commands/") || Object.hasOwn(ROOMS, room), `${path} has no room`);
  }
});

Deno.test("A room imports from those below it, a command from no other command", () => {
  const against = modules.flatMap(({ path, imports }) => {
    const room = roomOf(path);
    return imports.filter((target) => roomOf(target) !== room && !mayImport(room, roomOf(target))).map((target) =>
      `${path} imports ${target}`
    );
  });
  assertEquals(against, []);
});

Deno.test("The command line and the entry points open no socket", () => {
  const found = modules.filter(({ path }) => roomOf(path) === "cli" || roomOf(path) === "entry")
    .filter(({ source }) => /Deno\.(listen|connect)/.test(withoutComments(source))).map(({ path }) => path);
  assertEquals(found, []);
});

Deno.test("No file of a shared room is named after a command", () => {
  const named = modules.map(({ path }) => path).filter((path) =>
    !path.startsWith("lib/commands/") && /(^|\/)(bench|explain|check|ping|compare)_/.test(path)
  );
  assertEquals(named, []);
});

Deno.test("No import leads back to where it began", () => {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(" → "));
    if (way.includes(path) || done.has(path)) return;
    for (const target of byPath.get(path)?.imports ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const { path } of modules) visit(path, []);
  assertEquals(circles, []);
});

Deno.test("The pure layers reach for no file, no socket, no clock and no chance", () => {
  const pure = modules.filter(({ path }) => PURE.test(path));
  assert(pure.length > 10, "the pure modules were found");
  const found = pure.flatMap(({ path, source }) =>
    AMBIENT.exec(withoutComments(source))?.map((it) => `${path}: ${it}`) ?? []
  );
  assertEquals(found, []);
  const impure = pure.flatMap(({ path, imports }) =>
    imports.filter((target) => !PURE.test(target) && /Deno\./.test(withoutComments(sourceOf(target)))).map((target) =>
      `${path} imports ${target}, which does I/O`
    )
  );
  assertEquals(impure, []);
});

Deno.test("No start looks Unicode classes up that it may not need: lib/base/pattern.ts says why", () => {
  // What is imported dynamically is loaded later.
  const staticOf = (path: string): string[] =>
    importsOf(path, sourceOf(path).replace(/^import type [^;]*;$/gm, "").replace(/\bimport\(/g, ""));
  const loaded = new Set([
    ...["server.ts", "lib/commands/serve/command.ts"],
    ...["client.ts", "lib/commands/converse/command.ts"],
  ]);
  for (const path of loaded) for (const found of staticOf(path)) loaded.add(found);
  assert(loaded.has("lib/auth/names.ts") && !loaded.has("lib/commands/check_server/words.ts"), "the start was found");
  const literals = Array.from(loaded).flatMap((path) =>
    withoutComments(sourceOf(path)).split("\n").filter((line) => /\/.*\\p\{.*\/[a-z]*u/.test(line))
      .map((line) => `${path}: ${line.trim()}`)
  );
  assertEquals(literals, []);
});

/** `net`, `commands/bench`, `entry`. */
function roomOf(path: string): string {
  const [lib, room = "", command = ""] = path.split("/");
  if (lib !== "lib") return "entry";
  return room === "commands" ? `commands/${command}` : room.replace(/\.ts$/, "");
}

Deno.test("No unit test and no property reaches the compiled tools: deno task test:unit does not compile", () => {
  const sources = new Map(
    modulesIn(join(ROOT, "tests")).map((path) => [path, Deno.readTextFileSync(join(ROOT, path))]),
  );
  const reached = new Set([...sources.keys()].filter((path) => /^tests\/(unit|property)\//.test(path)));
  for (const path of reached) for (const found of importsOf(path, sources.get(path) ?? "")) reached.add(found);
  assertEquals(reached.has("tests/support/tools.ts"), false);
});

function mayImport(from: string, to: string): boolean {
  if (from === "entry") return to === "cli" || to.startsWith("commands/");
  const isCommand = from.startsWith("commands/");
  if (!isCommand) return ROOMS[from]?.includes(to) ?? false;
  return BELOW.includes(to) || KITS.includes(to);
}

function sourceOf(path: string): string {
  return modules.find((module) => module.path === path)?.source ?? "";
}

function readModules(): Module[] {
  const paths = ["server.ts", "client.ts", ...modulesIn(join(ROOT, "lib"))];
  return paths.map((path) => {
    const source = Deno.readTextFileSync(join(ROOT, path));
    return { path, source, imports: importsOf(path, source) };
  });
}

function modulesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder)).flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return modulesIn(path);
    return name.endsWith(".ts") && !name.endsWith(".d.ts") ? [relative(ROOT, path)] : [];
  });
}

/** Static, dynamic and re-exporting imports of this repository's own TypeScript; workers count, too. */
function importsOf(path: string, source: string): string[] {
  const specifiers = withoutComments(source).matchAll(/(?:from|import|import\(|URL\()\s*"(\.{1,2}\/[^"]+\.ts)"/g);
  const base = new URL(`file:///${path}`);
  return [...new Set(Array.from(specifiers, ([, specifier = ""]) => new URL(specifier, base).pathname.slice(1)))];
}

/** The code alone: examples in comments import what they like. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[^]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}
