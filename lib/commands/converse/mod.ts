/**
 * `echo-client` itself, `login`, `whoami` and `logout`, as the command line sees them.
 *
 * @module
 */
import { command } from "../../cli/command.ts";
import { GENERAL_OPTIONS } from "../../cli/common_options.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { ADDRESS_OPERANDS } from "../connection/config.ts";
import { CONNECTION_OPTIONS, LOGIN_OPTIONS } from "../connection/options.ts";
import { CONVERSE_OPTIONS, LOG_IN_OPTIONS, OUTPUT_OPTIONS, SESSION_OPTIONS } from "./options.ts";
import { TEXTS } from "./texts.ts";

const EXITS = [
  ...[EXIT.badFrame, EXIT.hostNotFound, EXIT.unavailable, EXIT.cannotWrite],
  ...[EXIT.timeout, EXIT.protocol, EXIT.loginRefused, EXIT.badConfig],
];

const GROUPS = [
  ["connection", CONNECTION_OPTIONS],
  ["login", { ...LOGIN_OPTIONS, register: CONVERSE_OPTIONS.register, invite: CONVERSE_OPTIONS.invite }],
  ["output", OUTPUT_OPTIONS],
  ["general", GENERAL_OPTIONS],
] as const;

/** What `echo-client` does by itself. */
export const CONVERSE = command({
  name: "",
  usesTerminal: true,
  operands: ADDRESS_OPERANDS,
  options: CONVERSE_OPTIONS,
  groups: GROUPS,
  examples: [
    ["echo-client", "example.ask"],
    ["echo-client -m hello -m 'second message' 127.0.0.1:9090", "example.message"],
    ["seq 1000 | echo-client localhost:9090", "example.pipe"],
    ["echo-client --json -m hello", "example.json"],
    ["echo-client login", "example.login"],
  ],
  exits: EXITS,
  texts: TEXTS,
  run: async () => (await import("./command.ts")).converseCommand,
});

export const LOGIN = command({
  name: "login",
  usesTerminal: true,
  operands: ADDRESS_OPERANDS,
  options: LOG_IN_OPTIONS,
  groups: GROUPS,
  examples: [
    ["echo-client login 127.0.0.1:9090", "example.login.ask"],
    ["echo-client login --user Anna --password-file FILE :9090", "example.login.file"],
  ],
  exits: EXITS,
  texts: TEXTS,
  run: async () => (await import("./login_commands.ts")).logInCommand,
});

export const WHOAMI = command({
  name: "whoami",
  operands: ADDRESS_OPERANDS,
  options: SESSION_OPTIONS,
  groups: GROUPS,
  examples: [
    ["echo-client whoami 127.0.0.1:9090", "example.whoami"],
    ["echo-client whoami --json :9090", "example.whoami.json"],
  ],
  exits: EXITS,
  texts: TEXTS,
  run: async () => (await import("./login_commands.ts")).whoAmICommand,
});

export const LOGOUT = command({
  name: "logout",
  operands: ADDRESS_OPERANDS,
  options: SESSION_OPTIONS,
  groups: GROUPS,
  examples: [
    ["echo-client logout 127.0.0.1:9090", "example.logout"],
    ["echo-client logout --user Anna :9090", "example.logout.user"],
  ],
  exits: EXITS,
  texts: TEXTS,
  run: async () => (await import("./login_commands.ts")).logOutCommand,
});
