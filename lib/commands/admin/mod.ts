/**
 * `users`, `hosts`, `sessions` and `cert`, as the command line sees them.
 *
 * @module
 */
import { FAMILY_BYTES } from "../../base/limits.ts";
import { type Command, command, type Example } from "../../cli/command.ts";
import { GENERAL_OPTIONS } from "../../cli/common_options.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import {
  type AdminActionName,
  CERT_OPTIONS,
  IMPORT_OPTIONS,
  INVITE_OPTIONS,
  PASSWORD_OPTIONS,
  REMOVAL_OPTIONS,
  STORE_OPTIONS,
  type StoreActionName,
} from "./options.ts";
import { type AdminKey, TEXTS } from "./texts.ts";

/** Base64url without padding, as long as the id of a session: one in 64 begins with a hyphen. */
const ID_LIKE_AN_OPTION = new RegExp(`^-[A-Za-z0-9_-]{${Math.ceil(FAMILY_BYTES * 8 / 6) - 1}}$`);

interface StoreCommand {
  readonly operands?: readonly string[];
  readonly examples: readonly Example<AdminKey>[];
  readonly isOperand?: (arg: string) => boolean;
}

/** A command that opens the database, does one thing and ends. */
function onStore<Table extends typeof STORE_OPTIONS>(
  name: AdminActionName,
  options: Table,
  spec: StoreCommand,
): Command {
  return command<Table, AdminKey>({
    ...spec,
    ...{ name, options, usesTerminal: true, texts: TEXTS, exits: [EXIT.cannotWrite, EXIT.badConfig] },
    run: async () => (await import("./command.ts")).runOnStore(name),
  });
}

/** A command that works on the database as a whole. */
function ofStore(name: StoreActionName, spec: StoreCommand): Command {
  return command<typeof STORE_OPTIONS, AdminKey>({
    ...spec,
    ...{ name, options: STORE_OPTIONS, texts: TEXTS, exits: [EXIT.cannotWrite, EXIT.badConfig] },
    run: async () => (await import("./store.ts")).runStoreCommand(name),
  });
}

/** Every command of administration, in the order of the help. */
export const ADMIN_COMMANDS: readonly Command[] = [
  onStore("users add", PASSWORD_OPTIONS, {
    operands: ["NAME"],
    examples: [
      ["echo-server users add Anna", "example.users.add"],
      ["echo-server users add --data /srv/echo Anna < password.txt", "example.users.add.input"],
    ],
  }),
  onStore("users list", STORE_OPTIONS, {
    examples: [
      ["echo-server users list", "example.users.list"],
      ["echo-server users list --json", "example.list.json"],
    ],
  }),
  onStore("users passwd", PASSWORD_OPTIONS, {
    operands: ["NAME"],
    examples: [
      ["echo-server users passwd Anna", "example.users.passwd"],
      ["echo-server users passwd Anna < password.txt", "example.users.add.input"],
    ],
  }),
  onStore("users disable", STORE_OPTIONS, {
    operands: ["NAME"],
    examples: [
      ["echo-server users disable Anna", "example.users.disable"],
      ["echo-server users disable --data /srv/echo Anna", "example.data"],
    ],
  }),
  onStore("users enable", STORE_OPTIONS, {
    operands: ["NAME"],
    examples: [
      ["echo-server users enable Anna", "example.users.enable"],
      ["echo-server users enable --data /srv/echo Anna", "example.data"],
    ],
  }),
  onStore("users remove", REMOVAL_OPTIONS, {
    operands: ["NAME"],
    examples: [
      ["echo-server users remove Anna", "example.users.remove"],
      ["echo-server users remove --yes --json Anna", "example.json"],
    ],
  }),
  onStore("users invite", INVITE_OPTIONS, {
    examples: [
      ["echo-server users invite --count 30 --valid 1d", "example.users.invite"],
      ["echo-server users invite --revoke", "example.users.invite.revoke"],
    ],
  }),
  onStore("users import", IMPORT_OPTIONS, {
    examples: [
      ["echo-server users import < users.jsonl", "example.users.import"],
      ["echo-server users export --data OLD | echo-server users import --data NEW", "example.users.move"],
    ],
  }),
  onStore("users export", STORE_OPTIONS, {
    examples: [
      ["(umask 077; echo-server users export > users.jsonl)", "example.users.export"],
      ["echo-server users export --data OLD | echo-server users import --data NEW", "example.users.move"],
    ],
  }),
  onStore("hosts list", STORE_OPTIONS, {
    examples: [
      ["echo-server hosts list", "example.hosts.list"],
      ["echo-server hosts list --json", "example.list.json"],
    ],
  }),
  onStore("hosts rename", STORE_OPTIONS, {
    operands: ["ADDRESS", "NAME"],
    examples: [
      ["echo-server hosts rename 192.0.2.7 Anna", "example.hosts.rename"],
      ["echo-server hosts rename ::1 Anna", "example.hosts.ipv6"],
    ],
  }),
  onStore("hosts forget", REMOVAL_OPTIONS, {
    operands: ["ADDRESS"],
    examples: [
      ["echo-server hosts forget 192.0.2.7", "example.hosts.forget"],
      ["echo-server hosts forget ::1", "example.hosts.ipv6"],
    ],
  }),
  onStore("sessions list", STORE_OPTIONS, {
    operands: ["[USER]"],
    examples: [
      ["echo-server sessions list", "example.sessions.list"],
      ["echo-server sessions list Anna", "example.sessions.user"],
    ],
  }),
  onStore("sessions revoke", REMOVAL_OPTIONS, {
    operands: ["USER|ID"],
    examples: [
      ["echo-server sessions revoke Anna", "example.sessions.revoke"],
      ["echo-server sessions revoke Zl3VQx0kT4eBfmJ8", "example.sessions.id"],
    ],
    isOperand: (arg) => ID_LIKE_AN_OPTION.test(arg),
  }),
  ofStore("store init", {
    examples: [
      ["echo-server store init --store postgres://echo@db.example/echo", "example.store.init"],
      ["echo-server store init --store 'postgres://echo@db1,db2/echo?sslrootcert=ca.pem'", "example.store.hosts"],
    ],
  }),
  ofStore("store status", {
    examples: [
      ["echo-server store status --store postgres://echo@db.example/echo", "example.store.status"],
      ["echo-server store status --json", "example.json"],
    ],
  }),
  ofStore("store migrate", {
    examples: [
      ["echo-server store migrate --store postgres://echo@db.example/echo", "example.store.migrate"],
      ["echo-server store migrate --store sqlite:/srv/echo", "example.data"],
    ],
  }),
  ofStore("store copy", {
    operands: ["FROM", "[TO]"],
    examples: [
      ["echo-server store copy sqlite:./data postgres://echo@db.example/echo", "example.store.copy"],
      ["echo-server store copy --json sqlite:./data", "example.store.copy.environment"],
    ],
  }),
  command<typeof CERT_OPTIONS, AdminKey>({
    name: "cert",
    options: CERT_OPTIONS,
    groups: [["general", GENERAL_OPTIONS]],
    examples: [
      ["echo-server cert", "example.cert"],
      ["echo-server cert --host echo.example --out tls --days 90", "example.cert.host"],
    ],
    exits: [EXIT.cannotWrite],
    texts: TEXTS,
    run: async () => (await import("./cert.ts")).certCommand,
  }),
];
