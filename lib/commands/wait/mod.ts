import { command } from "../../cli/command.ts";
import { GENERAL_OPTIONS, QUIET } from "../../cli/common_options.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { parseDuration } from "../../cli/values.ts";
import { ADDRESS_OPERANDS } from "../connection/config.ts";
import { ADDRESS_OPTIONS } from "../connection/options.ts";
import { TEXTS } from "./texts.ts";

/** Options of `wait`. */
export const WAIT_OPTIONS = {
  timeout: { name: "timeout", placeholder: "TIME", fallback: "30s", parse: parseDuration },
  quiet: QUIET,
  ...ADDRESS_OPTIONS,
  ...GENERAL_OPTIONS,
} as const;

/** `echo-client wait`, as the command line sees it. */
export const WAIT = command({
  name: "wait",
  operands: ADDRESS_OPERANDS,
  options: WAIT_OPTIONS,
  groups: [["general", GENERAL_OPTIONS]],
  examples: [
    ["echo-client wait 127.0.0.1:9090", "example.wait"],
    ["echo-client wait --timeout 2min db.example:5432 && ./start", "example.wait.start"],
  ],
  exits: [EXIT.timeout],
  texts: TEXTS,
  run: async () => (await import("./command.ts")).waitCommand,
});
