/**
 * The suite of `deno task hostile --all`: families of cases against the compiled tools, on loopback. What a case sends is
 * in the family's tables or comes from a seed; what must hold after each of them is here: servers live, serve others, have
 * met nothing unforeseen, and no tool has taken more than {@linkcode MEMORY}.
 *
 * @module
 */
import { deadline } from "@std/async/deadline";
import { randomFrom } from "../support/random.ts";
import { Kit } from "./kit.ts";

/** One case. */
export interface SuiteCase {
  readonly name: string;
  /** Longest time, in ms. Default: {@linkcode CASE_TIME}. */
  readonly time?: number;
  /** Fails when something else happens. */
  readonly run: (kit: Kit, random: () => number) => Promise<void>;
}

/** Cases of one kind. */
export interface Family {
  readonly name: string;
  /** Cases that run side by side. Default: 1. */
  readonly atOnce?: number;
  readonly cases: readonly SuiteCase[];
}

/** What a run is started with. */
export interface SuiteOptions {
  /** Makes what is generated the same again. */
  readonly seed: number;
  /** Options of every server: `["--workers", "2"]`. */
  readonly serverArgs: readonly string[];
  /** Gets a line for each case that failed. */
  readonly print: (line: string) => void;
}

/** How a family has done. */
export interface FamilyResult {
  readonly family: string;
  readonly cases: number;
  readonly held: number;
  readonly failed: number;
  /** Largest resident size of a tool, in bytes. */
  readonly peak: number;
  readonly seconds: number;
}

const CASE_TIME = 30_000;

/** Runs one family after the other. */
export async function runFamilies(families: readonly Family[], options: SuiteOptions): Promise<FamilyResult[]> {
  const results: FamilyResult[] = [];
  for (const family of families) results.push(await runFamily(family, options));
  return results;
}

async function runFamily({ name, cases, atOnce = 1 }: Family, options: SuiteOptions): Promise<FamilyResult> {
  const began = performance.now();
  await using kit = new Kit(options.serverArgs);
  let failed = 0;
  const left = cases.entries();
  const worker = async (): Promise<void> => {
    for (const [at, { name: title, run, time = CASE_TIME }] of left) {
      // Not from the place in the list alone: a case keeps its numbers when another one is put before it.
      const random = randomFrom(options.seed ^ fingerprint(`${name} ${title}`));
      try {
        await deadline(run(kit, random), time);
        await kit.check();
      } catch (error) {
        failed++;
        const reason = error instanceof DOMException ? `not over after ${time} ms` : reasonOf(error);
        options.print(`FAIL ${name} ${at + 1}: ${title}\n     ${reason} (seed ${options.seed})`);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const seconds = (performance.now() - began) / 1000;
  return { family: name, cases: cases.length, held: cases.length - failed, failed, peak: kit.peak, seconds };
}

/** The table that a run closes with. */
export function resultTable(results: readonly FamilyResult[]): string {
  const mib = (bytes: number): string => bytes === 0 ? "-" : `${Math.round(bytes / 1024 ** 2)} MiB`;
  const sum = (field: "cases" | "held" | "failed" | "seconds"): number =>
    results.reduce((total, result) => total + result[field], 0);
  const all = {
    family: "all",
    ...{ cases: sum("cases"), held: sum("held"), failed: sum("failed"), seconds: sum("seconds") },
    peak: Math.max(0, ...results.map(({ peak }) => peak)),
  };
  const rows = [
    ["family", "cases", "held", "failed", "peak memory", "time"],
    ...[...results, all].map(({ family, cases, held, failed, peak, seconds }) => [
      ...[family, String(cases), String(held), String(failed), mib(peak), `${seconds.toFixed(0)} s`],
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row.map((cell, column) => column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)).join(
      "  ",
    )
  ).join("\n");
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s*\n\s*/g, " ").slice(0, 500);
}

/** FNV-1a. */
function fingerprint(text: string): number {
  return Array.from(text, (char) => char.charCodeAt(0)).reduce(
    (hash, code) => Math.imul(hash ^ code, 0x01000193),
    0x811c9dc5,
  );
}
