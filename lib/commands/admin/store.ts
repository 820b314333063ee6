/**
 * `echo-server store …`: the database itself.
 *
 * @module
 */
import { UsageError } from "../../base/errors.ts";
import { escapeText } from "../../base/text.ts";
import { environment } from "../../cli/environment.ts";
import type { Invocation, Run } from "../../cli/command.ts";
import { print, printText } from "../../cli/output.ts";
import { Progress, secondsSince, UNTOLD } from "../../cli/progress.ts";
import { tableLines } from "../../cli/table.ts";
import { assertNoPassword, type StoreLocation, storeLocation } from "../../store/location.ts";
import { locationFrom } from "../../store/open.ts";
import { PostgresCluster, READ } from "../../store/postgres_cluster.ts";
import { copyIn, postgresStatus } from "../../store/postgres_admin.ts";
import { checkSchema, migrate, MIGRATIONS, schemaVersion } from "../../store/postgres_schema.ts";
import { readSnapshot } from "../../store/snapshot.ts";
import { hasDatabase } from "../../store/sqlite_file.ts";
import { openSqliteStore } from "../../store/sqlite_store.ts";
import { type Json, noDatabase, toJson } from "./context.ts";
import type { STORE_OPTIONS, StoreActionName } from "./options.ts";
import type { AdminKey, Translate } from "./texts.ts";

/** What an action works with. */
interface Work {
  readonly location: StoreLocation;
  readonly json: boolean;
  readonly t: Translate;
  readonly operands: readonly string[];
}

/** The work of a command. */
export function runStoreCommand(name: StoreActionName): Run<typeof STORE_OPTIONS, AdminKey> {
  return async ({ line, texts }: Invocation<typeof STORE_OPTIONS, AdminKey>) => {
    const location = locationFrom({ ...line.values, isArgument: line.source("store") === "argument" });
    return await ACTIONS[name]({ location, json: line.values.json, t: await texts(), operands: line.positionals });
  };
}

const ACTIONS: Readonly<Record<StoreActionName, (work: Work) => Promise<number>>> = {
  "store init": init,
  "store migrate": migrateStore,
  "store status": status,
  "store copy": copy,
};

/** Makes the tables in a database that has none. */
async function init(work: Work): Promise<number> {
  const { location } = work;
  if (location.type === "sqlite") return await openOnce(work, location.directory);
  await using cluster = await PostgresCluster.open(location, environment);
  const version = await cluster.run(schemaVersion, READ);
  if (version > 0) await checkSchema(cluster);
  return tellVersions(work, version > 0 ? version : await migrate(cluster));
}

/** Brings the tables to the version of this program. */
async function migrateStore(work: Work): Promise<number> {
  const { location } = work;
  if (location.type === "sqlite") {
    if (!hasDatabase(location.directory)) throw noDatabase(location.directory);
    return await openOnce(work, location.directory);
  }
  await using cluster = await PostgresCluster.open(location, environment);
  if (await cluster.run(schemaVersion, READ) === 0) await checkSchema(cluster);
  return tellVersions(work, await migrate(cluster));
}

/** Opening a file makes it, or brings it up to date. */
async function openOnce({ json, t }: Work, data: string): Promise<number> {
  const isNew = !hasDatabase(data);
  await using _store = await openSqliteStore(data);
  if (json) return print(toJson({ event: isNew ? "store_made" : "store_ready", store: `sqlite:${data}` }));
  return printText(t(isNew ? "store.made" : "store.ready", { store: escapeText(data) }));
}

function tellVersions({ location, json, t }: Work, from: number): number {
  const store = pathOf(location);
  const to = MIGRATIONS.length;
  const event = from === 0 ? "store_made" : from === to ? "store_ready" : "store_migrated";
  if (json) return print(toJson({ event, store, from, to }));
  const key = { store_made: "store.made", store_ready: "store.ready", store_migrated: "store.migrated" } as const;
  return printText(t(key[event], { store, from, to }));
}

async function status(work: Work): Promise<number> {
  const { location } = work;
  if (location.type === "sqlite") return await sqliteStatus(work, location.directory);
  await using cluster = await PostgresCluster.open(location, environment);
  const found = await postgresStatus(cluster);
  const { counts, settings, standbys } = found;
  return tell(work, {
    store: cluster.path,
    engine: `PostgreSQL ${found.version}`,
    server: found.server,
    tls: found.tls,
    schema: found.schema,
    schema_newest: found.newest,
    ...counts,
    ...settings,
    standbys: standbys.map(({ name, state, sync }) => ({ name, state, sync })),
  });
}

async function sqliteStatus(work: Work, data: string): Promise<number> {
  if (!hasDatabase(data)) throw noDatabase(data);
  await using store = await openSqliteStore(data);
  return tell(work, {
    store: `sqlite:${data}`,
    engine: "SQLite",
    users: (await store.listUsers()).length,
    sessions: (await store.listSessions()).length,
    hosts: (await store.listHosts()).length,
  });
}

/** An object, or one line a property: the names are those that PostgreSQL's manual and the JSON have. */
function tell({ json }: Work, found: Readonly<Record<string, Json>>): number {
  if (json) return print(toJson(found));
  const lines = Object.entries(found).map(([name, value]) => [name, cell(value)]);
  return printText(tableLines(lines, { width: Infinity }).join("\n"));
}

function cell(value: Json): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  if (!Array.isArray(value)) return value === "" ? "-" : escapeText(String(value));
  const standbys = value.map((each) => Object.values(each ?? {}).join(" "));
  return standbys.length === 0 ? "-" : standbys.join(", ");
}

/** `store copy FROM [TO]`: a SQLite store into an empty one of PostgreSQL. */
async function copy(work: Work): Promise<number> {
  const [fromText = "", toText] = work.operands;
  const from = storeLocation(fromText);
  if (toText !== undefined) assertNoPassword(toText);
  const to = toText === undefined ? work.location : storeLocation(toText);
  if (from.type !== "sqlite" || to.type !== "postgres") {
    const value = `${pathOf(from)} → ${pathOf(to)}`;
    throw new UsageError("bad_value", `Cannot use the value "${value}": it is no copy`, {
      details: { value, reason: "store_copy", option: "store copy" },
    });
  }
  if (!hasDatabase(from.directory)) throw noDatabase(from.directory);
  const snapshot = readSnapshot(from.directory);
  await using cluster = await PostgresCluster.open(to, environment);
  await checkSchema(cluster);
  const began = performance.now();
  {
    const progress = new Progress({ after: UNTOLD, quiet: work.json });
    using _following = progress.follow(() => work.t("store.copying", { s: secondsSince(began) }));
    await copyIn(cluster, snapshot);
  }
  const { users, sessions, hosts, secrets } = snapshot;
  const counts = { users: users.length, sessions: sessions.length, hosts: hosts.length, secrets: secrets.length };
  const values = { from: pathOf(from), to: pathOf(to), ...counts };
  if (work.json) return print(toJson({ event: "store_copied", ...values }));
  return print(work.t("store.copied", { ...values, from: escapeText(values.from) }));
}

function pathOf(location: StoreLocation): string {
  return location.type === "sqlite" ? `sqlite:${location.directory}` : location.shown;
}
