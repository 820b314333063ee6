/**
 * `echo-client bench`, `ping` and `compare`, as the command line sees them.
 *
 * @module
 */
import { command } from "../../cli/command.ts";
import { GENERAL_OPTIONS } from "../../cli/common_options.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { ADDRESS_OPERANDS } from "../connection/config.ts";
import { CONNECTION_OPTIONS, LOGIN_OPTIONS } from "../connection/options.ts";
import { BENCH_OPTIONS, COMPARE_OPTIONS, PING_OPTIONS } from "./options.ts";
import { TEXTS } from "./texts.ts";

const EXITS = [
  ...[EXIT.badFrame, EXIT.hostNotFound, EXIT.unavailable, EXIT.cannotWrite],
  ...[EXIT.timeout, EXIT.protocol, EXIT.loginRefused, EXIT.badConfig],
];

const GROUPS = [
  ["connection", CONNECTION_OPTIONS],
  ["login", LOGIN_OPTIONS],
  ["general", GENERAL_OPTIONS],
] as const;

export const BENCH = command({
  name: "bench",
  operands: ADDRESS_OPERANDS,
  options: BENCH_OPTIONS,
  groups: GROUPS,
  examples: [
    ["echo-client bench 127.0.0.1:9090", "example.bench.closed"],
    ["echo-client bench -c 4 -w 256 127.0.0.1:9090", "example.bench.pipelined"],
    ["echo-client bench -c 50 --rate 5000 --fail-if 'p99>5ms' 127.0.0.1:9090", "example.bench.open"],
    ["echo-client bench --connect -c 4 127.0.0.1:9090", "example.bench.connect"],
    ["echo-client bench --login --user anna --password-file FILE 127.0.0.1:9090", "example.bench.login"],
    ["echo-client bench --udp --rate 500 127.0.0.1:9090", "example.bench.udp"],
    ["echo-client bench --json 127.0.0.1:9090 >> A.json", "example.bench.json"],
    ["echo-client bench -c 8 --find 'p99<5ms' 127.0.0.1:9090", "example.bench.find"],
    ["echo-client bench --sweep connections=1,10,100 --runs 5 --html FILE 127.0.0.1:9090", "example.bench.sweep"],
  ],
  exits: [EXIT.threshold, ...EXITS],
  texts: TEXTS,
  callsLibrary: true,
  usesTerminal: true,
  run: async () => {
    const { bench } = await import("./command.ts");
    return async ({ line, texts }) => bench(line, await texts());
  },
});

export const PING = command({
  name: "ping",
  operands: ADDRESS_OPERANDS,
  options: PING_OPTIONS,
  groups: GROUPS,
  examples: [
    ["echo-client ping 127.0.0.1:9090", "example.ping.plain"],
    ["echo-client ping --count 20 --interval 100ms 127.0.0.1:9090", "example.ping.count"],
  ],
  exits: EXITS,
  texts: TEXTS,
  usesTerminal: true,
  run: async () => {
    const { ping } = await import("./ping_command.ts");
    return async ({ line, texts }) => ping(line, await texts());
  },
});

export const COMPARE = command({
  isOffline: true,
  name: "compare",
  operands: ["A.json", "B.json"],
  options: COMPARE_OPTIONS,
  groups: GROUPS,
  examples: [
    ["echo-client compare A.json B.json", "example.compare.two"],
    ["echo-client compare --json A.json B.json", "example.compare.json"],
    ["echo-client compare --fail-if 'p99>+10%' A.json B.json", "example.compare.limit"],
  ],
  exits: [EXIT.threshold, EXIT.cannotWrite, EXIT.badConfig],
  texts: TEXTS,
  run: async () => {
    const { compare } = await import("./compare_command.ts");
    return async ({ line, texts }) => compare(line, await texts());
  },
});
