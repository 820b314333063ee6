import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { fromFileUrl, join, relative } from "@std/path";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));

/**
 * The layers of docs/design, top to bottom. A module may import from its own layer and from those below it. The first
 * pattern that matches counts.
 */
const LAYERS: readonly (readonly [layer: string, pattern: RegExp])[] = [
  ["entry points", /^(server|client)\.ts$/],
  ["lib/cli", /^lib\/cli\//],
  ["lib/server, lib/client", /^lib\/(server|client)\//],
  ["lib/framed_conn.ts", /^lib\/(framed_conn|wire_writer|buffers)\.ts$/],
  ["lib/store", /^lib\/store\//],
  ["lib/protocol", /^lib\/protocol\//],
  ["lib/auth", /^lib\/auth\//],
  ["lib/framing", /^lib\/framing(\.ts$|\/)/],
  ["leaves", /^lib\/[a-z0-9_]+\.ts$/],
];

/** What a module is allowed to look like that is free of I/O. */
const PURE = /^lib\/(framing(\.ts$|\/)|protocol\/|auth\/)/;

/** I/O, the clock, and chance: handed in where a pure module needs them. */
const AMBIENT =
  /\bDeno\.|\bDate\.now|\bnew Date\(\)|\bMath\.random|\bperformance\.|\bgetRandomValues|\brandomUUID|\bfetch\(/;

/** The parts of the tree that must not know each other. */
const APART: readonly (readonly [from: RegExp, to: RegExp])[] = [
  [/^lib\/server\//, /^lib\/client\//],
  [/^lib\/client\//, /^lib\/server\//],
  [/^lib\/auth\//, /^lib\/framing/],
];

interface Module {
  readonly path: string;
  readonly source: string;
  /** Paths of the modules of this repository that it imports, for their types only included. */
  readonly imports: readonly string[];
}

const modules = readModules();

Deno.test("Every module of lib has its place in a layer", () => {
  assert(modules.length > 30, "the modules were found");
  assert(modules.flatMap(({ imports }) => imports).length > 100, "their imports were found");
  for (const { path } of modules) assertNotEquals(layerOf(path), -1, `${path} belongs to no layer`);
});

Deno.test("Imports point down", () => {
  const upward = modules.flatMap(({ path, imports }) =>
    imports.filter((target) => layerOf(target) < layerOf(path)).map((target) =>
      `${path} (${LAYERS[layerOf(path)]?.[0]}) imports ${target} (${LAYERS[layerOf(target)]?.[0]})`
    )
  );
  assertEquals(upward, []);
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

Deno.test("Server and client know nothing of each other", () => {
  const found = modules.flatMap(({ path, imports }) =>
    APART.filter(([from]) => from.test(path)).flatMap(([, to]) =>
      imports.filter((target) => to.test(target)).map((target) => `${path} imports ${target}`)
    )
  );
  assertEquals(found, []);
});

Deno.test("Leaves import leaves only", () => {
  const leaf = LAYERS.length - 1;
  for (const { path, imports } of modules.filter(({ path }) => layerOf(path) === leaf)) {
    for (const target of imports) assertEquals(layerOf(target), leaf, `${path} imports ${target}`);
  }
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

/** Number of a module's layer, counted from the top; -1 where it has none. */
function layerOf(path: string): number {
  return LAYERS.findIndex(([, pattern]) => pattern.test(path));
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
