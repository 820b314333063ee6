import { command } from "../../cli/command.ts";
import { GENERAL_OPTIONS } from "../../cli/common_options.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { ADDRESS_OPERANDS } from "../connection/config.ts";
import { CHECK_OPTIONS } from "./options.ts";
import { RELAY } from "./relay.ts";
import { CLASS_OPTIONS } from "../grading/class/options.ts";
import { TEXTS } from "./texts.ts";

/** `echo-client check`, as the command line sees it. */
export const CHECK_SERVER = command({
  name: "check",
  operands: ADDRESS_OPERANDS,
  options: CHECK_OPTIONS,
  groups: [["class", CLASS_OPTIONS], ["general", GENERAL_OPTIONS]],
  examples: [
    ["echo-client check 127.0.0.1:9090", "example.check.plain"],
    ["echo-client check --command 'python3 server.py'", "example.check.command"],
    ["echo-client check --framing dec:10 --tasks 7,8 :9090", "example.check.tasks"],
    ["echo-client check --json --junit report.xml :9090", "example.check.junit"],
    ["echo-client check --class submissions --html class.html", "example.check.class"],
  ],
  exits: [EXIT.threshold, EXIT.unavailable, EXIT.cannotWrite, EXIT.timeout],
  texts: TEXTS,
  startsPrograms: true,
  callsLibrary: true,
  run: async () => {
    const { check } = await import("./command.ts");
    return async ({ line, texts }) => check(line, await texts());
  },
});

/** The process of its own that stands between the examination and a server: see relay.ts. */
export const RELAY_CHILD = command({
  name: `check ${RELAY}`,
  isHidden: true,
  operands: ["HOST", "PORT"],
  options: {},
  examples: [],
  exits: [],
  texts: TEXTS,
  run: async () => {
    const { relay } = await import("./relay_child.ts");
    return async ({ line: { positionals: [host = "", port] } }) => {
      await relay(host, Number(port));
      return EXIT.ok;
    };
  },
});
