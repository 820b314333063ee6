/**
 * Compiled servers over one PostgreSQL database of the test's own.
 *
 * @module
 */
import type { Postgres } from "./auth_postgres.ts";
import { type RunningServer, runTool, type ServerSpec, startServer } from "./tools.ts";

/** Servers over one database. */
export interface Fleet extends AsyncDisposable {
  readonly servers: readonly RunningServer[];
  /** The environment that names the database. */
  readonly env: Record<string, string>;
}

/** Makes a database and starts `count` servers on it. */
export async function startFleet(postgres: Postgres, count: number, spec: ServerSpec = {}): Promise<Fleet> {
  const env = { ECHO_STORE: await postgres.newDatabase() };
  const made = await runTool("echo-server", ["store", "init"], { env });
  if (made.code !== 0) throw new Error(made.stderr);
  const servers: RunningServer[] = [];
  const dispose = async (): Promise<void> => {
    for (const server of servers) await server[Symbol.asyncDispose]();
  };
  try {
    while (servers.length < count) {
      servers.push(await startServer({ ...spec, args: ["--mode", "auth", ...spec.args ?? []], env }));
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return { servers, env, [Symbol.asyncDispose]: dispose };
}
