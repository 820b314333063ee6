import { print, printError, runTool } from "./lib/cli/tool.ts";
import { SERVER_EXAMPLES } from "./lib/cli/help.ts";
import { type ServerConfig, serverConfig } from "./lib/cli/server_config.ts";
import { SERVER_OPTIONS } from "./lib/cli/server_options.ts";
import { listen, type OpenListener } from "./lib/server/listen.ts";
import { serve } from "./lib/server/serve.ts";
import { openServiceLog } from "./lib/server/service_log.ts";
import { onHangup, stopSignal } from "./lib/server/signals.ts";
import { writePortFile } from "./lib/server/port_file.ts";

async function main(config: ServerConfig): Promise<number> {
  const { hosts, port, strictPort, framing, maxFrame, drainTimeout } = config;
  using log = openServiceLog({
    path: config.log,
    level: config.logLevel,
    format: config.logFormat,
    maxSize: config.logMaxSize,
    keep: config.logKeep,
    ...(config.verbose ? { mirror: (line) => printError(line.trimEnd()) } : {}),
  });
  using _hangup = onHangup(() => log.reopen(), log);
  log.info("start", { pid: Deno.pid, framing: framing.name, max_frame: maxFrame });
  try {
    using signal = stopSignal();
    const onBusy = (busy: number): void => log.warn("fallback", { port: busy });
    const listeners = await listen({ hosts, port, strictPort, onBusy });
    for (const { address } of listeners) log.info("listen", { address });
    using _portFile = writePortFile(config.portFile, listeners);
    print(config.json ? announcement(listeners) : `Listening on ${listeners.map((open) => open.address).join(", ")}`);
    await serve(listeners, { framing, maxFrame, log, drainTimeout, signal: signal.signal });
    log.info("stop");
    return 0;
  } catch (error) {
    log.error("error", { error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

/** The Listening line for programs; `host` and `port` are the first listener's. */
function announcement(listeners: readonly OpenListener[]): string {
  const places = listeners.map(({ address, listener: { addr } }) =>
    "hostname" in addr ? { host: addr.hostname, port: addr.port } : { host: address }
  );
  return JSON.stringify({ event: "listening", ...places[0], pid: Deno.pid, listeners: places });
}

if (import.meta.main) {
  Deno.exit(
    await runTool(Deno.args, {
      tool: "server",
      options: SERVER_OPTIONS,
      examples: SERVER_EXAMPLES,
      main: async (line, t) => await main(await serverConfig(line, t)),
    }),
  );
}
