import { assertEquals, assertThrows } from "@std/assert";
import { CLIENT_OPTIONS } from "../../../lib/commands/connection/options.ts";
import { environmentName, firstWord, flag, nearest, parseCommandLine } from "../../../lib/cli/options.ts";
import { SERVER_OPTIONS } from "../../../lib/commands/serve/options.ts";
import { parsePort } from "../../../lib/cli/values.ts";
import { UsageError } from "../../../lib/base/errors.ts";

const TABLE = {
  port: { name: "port", short: "p", placeholder: "N", fallback: "9090", parse: parsePort },
  texts: { name: "message", short: "m", placeholder: "TEXT", repeatable: true, parse: (text: string): string => text },
  file: { name: "log-file", placeholder: "FILE", parse: (text: string): string => text },
  quiet: flag("quiet", "q"),
} as const;

const NOTHING = (): undefined => undefined;
const parsed = (argv: readonly string[], env: Record<string, string> = {}) =>
  parseCommandLine(argv, TABLE, (name) => env[name]);

for (
  const [argv, port, texts] of [
    [[], 9090, []],
    [["--port", "1"], 1, []],
    [["--port=1"], 1, []],
    [["-p", "1"], 1, []],
    [["-p1"], 1, []],
    [["-p=1"], 1, []],
    [["--port", "1", "--port", "2"], 2, []],
    [["-m", "a", "--message", "b", "--message=c"], 9090, ["a", "b", "c"]],
    [["-m", "--port", "-m", "-p", "-m", "--"], 9090, ["--port", "-p", "--"]],
    [["-m", "", "--message="], 9090, ["", ""]],
    [["-m", "a=b", "-m", "1"], 9090, ["a=b", "1"]],
    [["-m", "true", "-m", "007"], 9090, ["true", "007"]],
  ] as const
) {
  Deno.test(`parseCommandLine() reads ${JSON.stringify(argv)}`, () => {
    const { values } = parsed(argv);
    assertEquals([values.port, values.texts], [port, texts]);
  });
}

Deno.test("parseCommandLine() tells flags, arguments and what was given apart", () => {
  const line = parsed(["one", "-q", "2", "--", "--port"]);
  assertEquals([line.values.quiet, line.positionals], [true, ["one", "2", "--port"]]);
  assertEquals([line.given("quiet"), line.given("port"), line.values.file], [true, false, undefined]);
});

Deno.test("parseCommandLine() takes flag before environment before default", () => {
  assertEquals(parsed([], { ECHO_PORT: "1" }).values.port, 1);
  assertEquals(parsed([], { ECHO_PORT: "1" }).given("port"), true);
  assertEquals(parsed(["-p", "2"], { ECHO_PORT: "1" }).values.port, 2);
  assertEquals(parsed([], { ECHO_PORT: "" }).values.port, 9090);
  assertEquals(parsed([], { ECHO_MESSAGE: "a,b" }).values.texts, ["a", "b"]);
  for (const [text, on] of [["1", true], ["true", true], ["yes", true], ["0", false], ["false", false], ["", false]]) {
    assertEquals<unknown>(parsed([], { ECHO_QUIET: String(text) }).values.quiet, on, String(text));
  }
  assertEquals(environmentName({ name: "log-max-size" }), "ECHO_LOG_MAX_SIZE");
});

for (
  const [argv, code, details] of [
    [["--prot", "1"], "unknown_option", { option: "--prot", nearest: "--port" }],
    [["--mesage=x"], "unknown_option", { option: "--mesage", nearest: "--message" }],
    [["--zzzzzz"], "unknown_option", { option: "--zzzzzz" }],
    [["-x"], "unknown_option", { option: "-x" }],
    [["--constructor"], "unknown_option", { option: "--constructor" }],
    [["--port"], "missing_value", { option: "--port", placeholder: "N" }],
    [["-m"], "missing_value", { option: "--message", placeholder: "TEXT" }],
    [["--port", "x"], "bad_value", { option: "--port", value: "x" }],
    [["--port="], "bad_value", { option: "--port", value: "" }],
    [["--port", "-1"], "bad_value", { option: "--port", value: "-1" }],
  ] as const
) {
  Deno.test(`parseCommandLine() refuses ${JSON.stringify(argv)} as ${code}`, () => {
    const error = assertThrows(() => parsed(argv), UsageError);
    assertEquals(error.code, code);
    for (const [name, value] of Object.entries(details)) assertEquals(error.details[name], value, name);
  });
}

Deno.test("nearest() proposes what may have been meant, nothing that may not", () => {
  assertEquals(nearest("timeot", ["timeout", "port"]), "timeout");
  assertEquals(nearest("xyz", ["timeout", "port"]), undefined);
  assertEquals(nearest("x", []), undefined);
});

for (const [tool, table] of [["server", SERVER_OPTIONS], ["client", CLIENT_OPTIONS]] as const) {
  Deno.test(`The options of echo-${tool} have names of their own, and defaults that parse`, () => {
    const options = Object.values(table);
    const words = options.flatMap((option) => [option.name, ...("short" in option ? [option.short] : [])]);
    assertEquals(new Set(words).size, words.length);
    parseCommandLine([], table, NOTHING);
  });
}

Deno.test("firstWord() finds the command when the value of its last option is missing", () => {
  const table = { host: { name: "host", placeholder: "HOST", parse: String } };
  assertEquals(firstWord(["check", "--host"], [table]), "check");
  assertEquals(firstWord(["--host"], [table]), undefined);
});
