import { command } from "../../cli/command.ts";
import { GENERAL_OPTIONS } from "../../cli/common_options.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { CLIENT_CHECK_OPTIONS } from "./options.ts";
import { CLASS_OPTIONS } from "../grading/class/options.ts";
import { TEXTS } from "./texts.ts";

/** `echo-server check`, as the command line sees it. */
export const CHECK_CLIENT = command({
  name: "check",
  options: CLIENT_CHECK_OPTIONS,
  groups: [["class", CLASS_OPTIONS], ["general", GENERAL_OPTIONS]],
  examples: [
    ["echo-server check -- python3 client.py", "example.check.command"],
    ["echo-server check --answer '{host}' --answer '{port}' -- python3 client.py", "example.check.asked"],
    ["echo-server check --greeting 'Hello!' -- ./client {host} {port}", "example.check.greeting"],
    ["echo-server check", "example.check.wait"],
    ["echo-server check --tasks 7,8 --json -- java Client", "example.check.tasks"],
    ["echo-server check --class submissions --html class.html", "example.check.class"],
  ],
  exits: [EXIT.threshold, EXIT.unavailable, EXIT.cannotWrite, EXIT.timeout],
  texts: TEXTS,
  startsPrograms: true,
  callsLibrary: true,
  run: async () => {
    const { checkClient } = await import("./command.ts");
    return async ({ line, program, texts }) => checkClient(line, { command: program, t: await texts() });
  },
});
