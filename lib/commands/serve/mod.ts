import { command } from "../../cli/command.ts";
import { GENERAL_OPTIONS } from "../../cli/common_options.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import {
  ACCESS_OPTIONS,
  FILE_OPTIONS,
  LIMIT_OPTIONS,
  LISTENING_OPTIONS,
  SERVER_FAULT_OPTIONS,
  SERVER_OPTIONS,
} from "./options.ts";
import { TEXTS } from "./texts.ts";

/** What `echo-server` does by itself. */
export const SERVE = command({
  name: "",
  usesTerminal: true,
  options: SERVER_OPTIONS,
  groups: [
    ["listening", LISTENING_OPTIONS],
    ["limits", LIMIT_OPTIONS],
    ["access", ACCESS_OPTIONS],
    ["files", FILE_OPTIONS],
    ["faults", SERVER_FAULT_OPTIONS],
    ["general", GENERAL_OPTIONS],
  ],
  examples: [
    ["echo-server", "example.ask"],
    ["echo-server --host 0.0.0.0 --port 7000 --strict-port", "example.plain"],
    ["echo-server --framing raw --no-input", "example.raw"],
    ["echo-server --host unix:/tmp/echo.sock", "example.unix"],
    ["echo-server --mode auth", "example.auth"],
    ["echo-server --fault latency=100ms", "example.fault"],
  ],
  exits: [EXIT.hostNotFound, EXIT.unavailable, EXIT.cannotWrite, EXIT.badConfig],
  callsLibrary: true,
  texts: TEXTS,
  run: async () => (await import("./command.ts")).serveCommand,
});
