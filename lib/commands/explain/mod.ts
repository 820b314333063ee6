import { command } from "../../cli/command.ts";
import { GENERAL_OPTIONS } from "../../cli/common_options.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { ADDRESS_OPERANDS } from "../connection/config.ts";
import { FAULT_OPTIONS } from "../faults/options.ts";
import { EXPLAIN_OPTIONS } from "./options.ts";
import { TEXTS } from "./texts.ts";

/** `echo-client explain`, as the command line sees it. */
export const EXPLAIN = command({
  name: "explain",
  operands: ADDRESS_OPERANDS,
  options: EXPLAIN_OPTIONS,
  groups: [["faults", FAULT_OPTIONS], ["general", GENERAL_OPTIONS]],
  examples: [
    ["echo-client explain 127.0.0.1:9090", "example.explain.plain"],
    ["echo-client explain --html wire.html 127.0.0.1:9090", "example.explain.html"],
    ["echo-client explain --framing auto --listen 0.0.0.0:7000 192.0.2.7:9090", "example.explain.framing"],
    ["echo-client explain --fault down:latency=100ms,reset-after=64K 127.0.0.1:9090", "example.explain.fault"],
    ["echo-client explain --json --count 1 127.0.0.1:9090", "example.explain.json"],
    ["echo-client explain --pcap wire.pcapng --record wire.jsonl 127.0.0.1:9090", "example.explain.pcap"],
    ["echo-client explain --read tcpdump.pcap :9090", "example.explain.read"],
  ],
  exits: [EXIT.badFrame, EXIT.hostNotFound, EXIT.unavailable, EXIT.cannotWrite, EXIT.timeout, EXIT.badConfig],
  callsLibrary: true,
  usesTerminal: true,
  texts: TEXTS,
  run: async () => {
    const { explain } = await import("./command.ts");
    return async ({ line, texts }) => explain(line, await texts());
  },
});
