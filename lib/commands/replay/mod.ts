import { command } from "../../cli/command.ts";
import { GENERAL_OPTIONS } from "../../cli/common_options.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { ADDRESS_OPERANDS } from "../connection/config.ts";
import { REPLAY_OPTIONS } from "./options.ts";
import { TEXTS } from "./texts.ts";

/** `echo-client replay`, as the command line sees it. */
export const REPLAY = command({
  name: "replay",
  operands: ["FILE", ...ADDRESS_OPERANDS],
  options: REPLAY_OPTIONS,
  groups: [["general", GENERAL_OPTIONS]],
  examples: [
    ["echo-client replay wire.jsonl 127.0.0.1:9090", "example.replay"],
    ["echo-client replay --fast tcpdump.pcap 192.0.2.7:9090", "example.replay.fast"],
  ],
  exits: [EXIT.threshold, EXIT.badFrame, EXIT.hostNotFound, EXIT.unavailable, EXIT.cannotWrite, EXIT.timeout],
  texts: TEXTS,
  run: async () => (await import("./command.ts")).replay,
});
