/**
 * HAProxy in front of the servers: it tells them whose connection it passes on, and asks their `/readyz`.
 *
 * @module
 */
import { freePort } from "../support/auth_postgres.ts";
import { isInstalled, runProgram, type TempDir, tempDir, until } from "../support/programs.ts";

/** Whether {@linkcode Balancer} works here. */
export const hasHaproxy = isInstalled("haproxy");

/** Where it connects from: the servers take the word of this address alone, and of no client's. */
export const BALANCER = "127.0.0.2";

/** Where a server is. */
export interface Backend {
  readonly port: number;
  /** Of its `--metrics`. */
  readonly metrics: number;
}

/** One HAProxy. */
export class Balancer implements AsyncDisposable {
  readonly port = freePort();
  readonly #folder: TempDir = tempDir();
  #process: Deno.ChildProcess | undefined;

  /** Checks the configuration and starts. */
  static async start(backends: readonly Backend[]): Promise<Balancer> {
    const balancer = new Balancer();
    const path = balancer.#folder.at("haproxy.cfg");
    await Deno.writeTextFile(path, configuration(balancer.port, backends));
    const { code, stderr } = await runProgram("haproxy", ["-c", "-f", path]);
    if (code !== 0) throw new Error(`haproxy -c: ${stderr}`);
    await balancer.restart();
    return balancer;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.status;
    this.#process = undefined;
  }

  /** Starts it, and waits until it accepts. */
  async restart(): Promise<void> {
    const args = ["-db", "-q", "-f", this.#folder.at("haproxy.cfg")];
    this.#process = new Deno.Command("haproxy", { args, stdout: "null", stderr: "null" }).spawn();
    await until(async () => {
      try {
        (await Deno.connect({ port: this.port })).close();
        return true;
      } catch {
        return undefined;
      }
    }, "haproxy");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    this.#folder[Symbol.dispose]();
  }
}

/** While no server is ready, clients still get the servers' own words, 421, in place of a closed door. */
function configuration(port: number, backends: readonly Backend[]): string {
  const servers = (options: (backend: Backend) => string): string =>
    backends.map((each, at) =>
      `  server s${at + 1} 127.0.0.1:${each.port} source ${BALANCER} send-proxy-v2 ${options(each)}`
    ).join("\n");
  return `global
  maxconn 2000
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
  retries 2
  option redispatch
frontend echo
  bind 127.0.0.1:${port}
  use_backend any if { nbsrv(ready) eq 0 }
  default_backend ready
backend ready
  balance roundrobin
  option httpchk GET /readyz
${servers(({ metrics }) => `check port ${metrics} inter 250ms fall 2 rise 1`)}
backend any
  balance roundrobin
${servers(() => "")}
`;
}
