// deno-lint-ignore-file no-console -- its messages go to whoever ran the task
/**
 * `deno task package deb|npm`: packages of the compiled tools, in `dist`. `deno task compile` comes first.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import manifest from "../deno.json" with { type: "json" };
import { writeChecksums } from "./package/checksums.ts";
import { packDebs } from "./package/deb.ts";
import { packNpm } from "./package/npm.ts";

/** What a package is made from, and where it goes. */
export interface Source {
  /** The project's folder. */
  readonly root: string;
  /** Where the compiled tools are. */
  readonly dist: string;
  /** Where packages go; it exists. */
  readonly out: string;
  readonly version: string;
}

const KINDS: Readonly<Record<string, (source: Source) => Promise<readonly string[]>>> = { deb: packDebs, npm: packNpm };

async function main([kind = "", out]: readonly string[]): Promise<void> {
  const pack = KINDS[kind];
  if (pack === undefined) throw new Error(`Cannot package "${kind}": write one of ${Object.keys(KINDS).join(", ")}`);
  const root = fromFileUrl(new URL("..", import.meta.url));
  const dist = Deno.env.get("ECHO_TEST_DIST") ?? join(root, "dist");
  const source = { root, dist, out: out ?? dist, version: manifest.version };
  await Deno.mkdir(source.out, { recursive: true });
  const paths = await pack(source);
  await writeChecksums(source.out, paths, { keep: true });
  for (const path of paths) console.log(path);
}

if (import.meta.main) await main(Deno.args);
