import { command } from "../../cli/command.ts";
import { GENERAL_OPTIONS } from "../../cli/common_options.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { ADDRESS_OPERANDS } from "../connection/config.ts";
import { PROBE_OPTIONS } from "./options.ts";
import { TEXTS } from "./texts.ts";

/** `echo-client probe`, as the command line sees it. */
export const PROBE = command({
  name: "probe",
  operands: ADDRESS_OPERANDS,
  options: PROBE_OPTIONS,
  groups: [["general", GENERAL_OPTIONS]],
  examples: [
    ["echo-client probe echo.example:9090", "example.probe"],
    ["echo-client probe --quick 127.0.0.1:9090", "example.probe.quick"],
    ["echo-client probe --tls --ca ca.pem echo.example:9090", "example.probe.tls"],
    ["echo-client probe --idle-max 5min --html path.html echo.example:9090", "example.probe.idle"],
  ],
  exits: [EXIT.threshold, EXIT.hostNotFound, EXIT.unavailable, EXIT.cannotWrite, EXIT.timeout],
  texts: TEXTS,
  callsLibrary: true,
  run: async () => (await import("./command.ts")).probe,
});
