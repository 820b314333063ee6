/**
 * Scenarios: faults by name, from a TOML file or of those that come with the tools.
 *
 *     [slow-link]
 *     fault = ["both:latency=150ms±30ms", "down:rate=64KiB/s"]
 *     seed = 42
 *
 * @module
 */
import { ConfigError, UsageError } from "../../base/errors.ts";
import { readTrusted } from "../../base/text_file.ts";
import { type FaultSpec, parseFault } from "./settings.ts";
import { SHIPPED } from "./shipped.ts";

/** Which faults a command is told. */
export interface FaultChoice {
  readonly fault: readonly FaultSpec[];
  readonly faults: string | undefined;
  readonly scenario: string | undefined;
}

/** Whether any are chosen. */
export function hasFaults({ fault, faults, scenario }: FaultChoice): boolean {
  return fault.length > 0 || faults !== undefined || scenario !== undefined;
}

/**
 * The faults that are chosen: the scenario's, then those of `--fault`.
 *
 * @throws {StorageError} `cannot_read`
 * @throws {ConfigError} `bad_config`
 * @throws {UsageError} `fault_usage`, where there is no such scenario.
 */
export async function chosenFaults({ fault, faults, scenario }: FaultChoice): Promise<readonly FaultSpec[]> {
  if (faults === undefined && scenario === undefined) return fault;
  return [...await scenarioFaults(faults, scenario), ...fault];
}

async function scenarioFaults(path: string | undefined, name: string | undefined): Promise<readonly FaultSpec[]> {
  const scenarios = await readScenarios(
    path === undefined ? SHIPPED : readTrusted(path, { anyOwner: true }),
    path ?? "",
  );
  const names = [...scenarios.keys()];
  const [only] = names;
  const found = scenarios.get(name ?? (names.length === 1 && only !== undefined ? only : ""));
  if (found !== undefined) return found;
  const problem = name === undefined ? "no_scenario" : "fault_scenario";
  const details = { option: "--scenario", problem, name: name ?? "", names: names.join(", ") };
  throw new UsageError("fault_usage", `Cannot choose a scenario: it is one of ${details.names}`, { details });
}

/** Faults by the scenario's name; those outside of any table have none. */
async function readScenarios(text: string, path: string): Promise<ReadonlyMap<string, readonly FaultSpec[]>> {
  // Loaded when it is wanted: most runs have no file.
  const { parseToml } = await import("../../cli/config_file.ts");
  const bad = (reason: string): ConfigError =>
    new ConfigError("bad_config", `Cannot use ${path}: ${reason}`, { details: { path } });
  const tables = parseToml(text, path);
  const own = { fault: tables["fault"], seed: tables["seed"] };
  const scenarios = Object.entries(tables).filter(([, table]) => isTable(table));
  const all = [...own.fault === undefined ? [] : [["", own] as const], ...scenarios];
  if (all.length === 0) throw bad("it has no scenario");
  return new Map(all.map(([name, table]) => {
    const { fault, seed, ...rest } = isTable(table) ? table : {};
    const [unknown] = Object.keys(rest);
    const where = name === "" ? "it" : `[${name}]`;
    if (unknown !== undefined) throw bad(`${where} has no ${unknown}: it has fault and seed`);
    const list: readonly unknown[] = Array.isArray(fault) ? fault : [fault];
    const specs = list.filter((spec) => typeof spec === "string");
    if (specs.length < list.length) throw bad(`${where} needs fault = "SPEC" or a list of them`);
    try {
      return [name, specs.map((spec) => parseFault(seed === undefined ? spec : `${spec},seed=${seed}`))];
    } catch (error) {
      throw bad(`${where}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }));
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
