/**
 * A program as few, small modules instead of hundreds, for `deno task compile`: what is imported later is in files of its
 * own. docs/adr/0007-bundling.md tells what this gains.
 *
 * @module
 */
import { decode, encode, type SourceMapSegment } from "@jridgewell/sourcemap-codec";
import { basename, dirname, fromFileUrl, join, relative, resolve } from "@std/path";
import { rollup } from "rollup";
import { minify, type MinifyOptions } from "terser";
import manifest from "../deno.json" with { type: "json" };

const root = fromFileUrl(new URL("..", import.meta.url));

/** What is bundled; paths from the project's folder. */
export interface Program {
  readonly entry: string;
  /** What it runs when no command is named: what it imports is in as few files as what the entry imports. */
  readonly main: string;
  /** Modules that run as workers: they are found by URL, not by import. */
  readonly workers: readonly string[];
}

/** A bundled {@linkcode Program}: absolute paths. */
export interface Bundle {
  /** All of it, with the source maps that make its stack traces those of the sources. */
  readonly folder: string;
  readonly entry: string;
}

/** Where npm packages lie on this machine, as a bundle's names of modules and source maps tell it. */
const PACKAGE_NAMED = /^(\s*")(?:\.\.\/)+\S*?\/npm\/[^/\s"]+\//gm;
const PACKAGE_PLACE = /[^\s"]*\/npm\/[^/\s"]+\//;

/**
 * How a bundle makes the `require` of CommonJS packages. It loads `node:module` at every start, though only what is
 * imported later needs it: 2 of the 33 ms that the code of a start took.
 */
const EAGER_REQUIRE =
  /import \{ createRequire as (\w+) \} from "node:module";(\s*)var __require = \1\(import\.meta\.url\);/;
/** The same for what packages still require when they are bundled: modules of the runtime. */
const LAZY_REQUIRE = "$2var __require = (name) => process.getBuiltinModule(name);";

/** The project's configuration, of which a tool tells its version only. */
const MANIFEST = /^var deno_default = \{$[^]*?^\};$/m;

/**
 * Bundles a program into the folder `to`, which is emptied first: many files, for {@linkcode packApart}.
 *
 * @throws {Error} with what Deno said, when it cannot.
 */
export async function bundle(program: Program, to: string): Promise<Bundle> {
  await Deno.remove(to, { recursive: true }).catch(() => {/* There was none. */});
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--frozen", "--platform", "deno", "--code-splitting", "--sourcemap=linked"],
      ...["--outdir", to, program.entry, ...program.workers],
    ],
    cwd: root,
  }).output();
  if (!success) throw new Error(`Cannot bundle ${program.entry}:\n${new TextDecoder().decode(stderr)}`);
  const files = await filesIn(to, ".js");
  for (const worker of program.workers) await point(files, worker, join(to, asScript(worker)));
  for (const file of files) {
    await rewrite(
      file,
      (text) =>
        text.replaceAll(PACKAGE_NAMED, "$1npm/").replace(EAGER_REQUIRE, LAZY_REQUIRE)
          .replace(MANIFEST, () => `var deno_default = ${JSON.stringify({ version: manifest.version })};`),
    );
  }
  return {
    folder: to,
    entry: join(to, asScript(program.entry)),
  };
}

/** What a thread is told that packs a bundle. */
export interface PackRequest {
  readonly program: Program;
  readonly folder: string;
}

/**
 * Makes of a bundle few files that are small, in a thread of its own: that takes ten seconds of one core.
 *
 * @throws {Error} with what the thread said, when it cannot.
 */
export async function packApart({ entry, main, workers }: Program, { folder }: Bundle): Promise<void> {
  const thread = new Worker(new URL("./bundle_worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  thread.onmessage = () => resolve();
  thread.onerror = (event) => {
    event.preventDefault();
    reject(new Error(`Cannot bundle ${entry}: ${event.message}`));
  };
  const request: PackRequest = { program: { entry, main, workers }, folder };
  thread.postMessage(request);
  try {
    await promise;
  } finally {
    thread.terminate();
  }
}

/** The same, here. */
export async function pack({ program, folder }: PackRequest): Promise<void> {
  await gather(program, await filesIn(folder, ".js"), folder);
  for (const file of await filesIn(folder, ".js")) await shrink(file, folder);
}

/**
 * Makes `new URL("./NAME.ts", import.meta.url)` lead to the bundled worker: a bundler leaves URLs as they are, but puts
 * the code that holds them elsewhere.
 */
async function point(files: readonly string[], worker: string, bundled: string): Promise<void> {
  const name = worker.slice(worker.lastIndexOf("/") + 1);
  let found = 0;
  for (const file of files) {
    await rewrite(file, (text) =>
      text.replaceAll(`new URL("./${name}", import.meta.url)`, () => {
        found++;
        return `new URL(${JSON.stringify(pathBetween(dirname(file), bundled))}, import.meta.url)`;
      }));
  }
  if (found === 0) throw new Error(`Cannot bundle ${worker}: nothing in the program names it`);
}

/** The relative URL from a folder to a file below the same bundle. */
function pathBetween(folder: string, file: string): string {
  let up = "./";
  for (; !file.startsWith(join(folder, "/")); folder = dirname(folder)) up += "../";
  return `${up}${file.slice(join(folder, "/").length).replaceAll("\\", "/")}`;
}

/** The line that names a file's source map. */
const LINK = /\n\/\/# sourceMappingURL=.*\s*$/;

/**
 * Puts what is imported at every start into one file, and what the main command imports besides into another: the bundler
 * leaves 40 of them, each of which costs a tenth of a millisecond.
 */
async function gather({ entry, main, workers }: Program, files: readonly string[], to: string): Promise<void> {
  const texts = new Map<string, { readonly code: string; readonly map: string }>();
  for (const file of files) {
    const code = (await Deno.readTextFile(file)).replace(LINK, "\n");
    texts.set(file, { code, map: await Deno.readTextFile(`${file}.map`) });
  }
  const reached = (file: string, found = new Set<string>()): ReadonlySet<string> => {
    if (found.has(file)) return found;
    found.add(file);
    const code = texts.get(file)?.code ?? "";
    for (const [, path = ""] of code.matchAll(/^(?:import|export|\}).*"(\.[^"]+)";$/gm)) {
      reached(join(dirname(file), path), found);
    }
    return found;
  };
  const start = reached(join(to, asScript(entry)));
  const command = files.find((file) => {
    const { sources }: SourceMap = JSON.parse(texts.get(file)?.map ?? "");
    return sources.some((source) => resolve(dirname(file), source) === join(root, main));
  });
  if (command === undefined) throw new Error(`Cannot bundle ${entry}: nothing in it imports ${main}`);
  const besides = reached(command);
  const entries = [entry, ...workers].map(asScript);
  const made = await rollup({
    input: Object.fromEntries(entries.map((path) => [path.replace(/\.js$/, ""), join(to, path)])),
    external: /^node:/,
    // The bundler has left out what is not used.
    treeshake: false,
    onwarn: (warning, warn) => {
      // hdr-histogram-js does, to find zlib; nothing here calls that.
      if (warning.code !== "EVAL") warn(warning);
    },
    plugins: [{ name: "bundled", load: (file: string) => texts.get(file) }],
  });
  for (const file of files) for (const path of [file, `${file}.map`]) await Deno.remove(path);
  await made.write({
    dir: to,
    sourcemap: true,
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    // What is imported by what is imported is found soon enough.
    hoistTransitiveImports: false,
    manualChunks: (file: string) => {
      if (entries.includes(relative(to, file))) return undefined;
      return start.has(file) ? "start" : besides.has(file) ? "main" : undefined;
    },
  });
  await made.close();
}

async function rewrite(file: string, change: (text: string) => string): Promise<void> {
  const before = await Deno.readTextFile(file);
  const after = change(before);
  if (after !== before) await Deno.writeTextFile(file, after);
}

/** A source map, as far as it is used here. */
interface SourceMap {
  readonly sources: readonly string[];
  readonly mappings: string;
}

/** Variables inside of functions get short names; traces name functions and classes, and some packages look at them. */
const NAMED = { module: false, toplevel: false, keep_classnames: true, keep_fnames: true } as const;

/** Other characters than those of ASCII make V8 keep two bytes for each character of a file. Licences stay. */
const PLAIN = { ascii_only: true, comments: "some" } as const;

/** Our own code, whose traces are read: a statement a line, without indentation and comments. */
const READABLE: MinifyOptions = {
  compress: false,
  mangle: NAMED,
  format: { ...PLAIN, beautify: true, indent_level: 0 },
};

/** Packages alone. */
const SHORT: MinifyOptions = {
  mangle: NAMED,
  format: PLAIN,
};

/** A binary reads all its files at every start, though most of them are not run. */
async function shrink(file: string, to: string): Promise<void> {
  const content = await Deno.readTextFile(`${file}.map`);
  const { sources }: SourceMap = JSON.parse(content);
  const isPackage = sources.length > 0 && sources.every((source) => PACKAGE_PLACE.test(source));
  const linked = `\n//# sourceMappingURL=${basename(file)}.map`;
  const bundled = await Deno.readTextFile(file);
  const code = bundled.replace(LINK, "\n");
  const options = isPackage ? SHORT : { ...READABLE, sourceMap: { content } };
  const shrunk = await minify(code, { module: true, ...options });
  await Deno.writeTextFile(file, `${shrunk.code}${isPackage ? "" : linked}\n`);
  if (isPackage) await Deno.remove(`${file}.map`);
  else await Deno.writeTextFile(`${file}.map`, trimmed(String(shrunk.map), { map: `${file}.map`, to }));
}

/**
 * A source map that names sources by their place in the project, does not repeat them, and tells lines but no columns: one
 * of lines is a fourth as large (docs/adr/0007-bundling.md).
 */
function trimmed(text: string, { map, to }: { map: string; to: string }): string {
  const { sources, mappings }: SourceMap = JSON.parse(text);
  // A trace then shows a source beside the program, as if it lay there.
  const up = "../".repeat(map.slice(to.length + 1).split("/").length - 1);
  const place = (source: string): string =>
    PACKAGE_PLACE.test(source) ? source.replace(PACKAGE_PLACE, "npm/") : relative(root, resolve(dirname(map), source));
  return JSON.stringify({
    version: 3,
    names: [],
    sources: sources.map((source) => `${up}${place(source)}`),
    mappings: encode(decode(mappings).map(lineOnly)),
  });
}

/** The place of a line's first word that has one, for all of the line. */
function lineOnly(segments: readonly SourceMapSegment[]): SourceMapSegment[] {
  const first = segments.find((segment) => segment.length > 1);
  return first === undefined || first.length === 1 ? [] : [[0, first[1], first[2], 0]];
}

async function filesIn(folder: string, ending: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) found.push(...await filesIn(path, ending));
    else if (name.endsWith(ending)) found.push(path);
  }
  return found;
}

function asScript(source: string): string {
  return source.replace(/\.ts$/, ".js");
}
