import { command } from "../../cli/command.ts";
import { GENERAL_OPTIONS } from "../../cli/common_options.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { ADDRESS_OPERANDS } from "../connection/config.ts";
import { WAIT_OPTIONS } from "./options.ts";
import { TEXTS } from "./texts.ts";

/** `echo-client wait`, as the command line sees it. */
export const WAIT = command({
  name: "wait",
  operands: ADDRESS_OPERANDS,
  options: WAIT_OPTIONS,
  groups: [["general", GENERAL_OPTIONS]],
  examples: [
    ["echo-client wait 127.0.0.1:9090", "example.wait"],
    ["echo-client wait --timeout 2min db.example:5432 && ./start", "example.wait.start"],
    ["echo-client wait --json :9090", "example.wait.json"],
  ],
  exits: [EXIT.timeout],
  texts: TEXTS,
  run: async () => (await import("./command.ts")).waitCommand,
});
