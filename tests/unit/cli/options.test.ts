import { assertEquals, assertThrows } from "@std/assert";
import { environmentName, flag, nearest, parseCommandLine } from "../../../lib/cli/options.ts";
import { parsePort } from "../../../lib/cli/values.ts";
import { UsageError } from "../../../lib/base/errors.ts";

const TABLE = {
  port: { name: "port", short: "p", placeholder: "N", fallback: "9090", parse: parsePort },
  texts: { name: "message", short: "m", placeholder: "TEXT", repeatable: true, parse: (text: string): string => text },
  file: { name: "log-file", placeholder: "FILE", parse: (text: string): string => text },
  quiet: flag("quiet", "q"),
} as const;

const parsed = (argv: readonly string[], env: Record<string, string> = {}) =>
  parseCommandLine(argv, TABLE, { environment: (name) => env[name] });

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
    [["-qmhi", "-qp1"], 1, ["hi"]],
    [["-qm=hi", "-qm", "-q"], 9090, ["hi", "-q"]],
    [["-mqp1"], 9090, ["qp1"]],
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
  assertEquals([line.source("quiet"), line.source("port"), line.values.file], ["argument", undefined, undefined]);
});

Deno.test("parseCommandLine() takes flag before environment before default", () => {
  assertEquals(parsed([], { ECHO_PORT: "1" }).values.port, 1);
  assertEquals(parsed([], { ECHO_PORT: "1" }).source("port"), "environment");
  assertEquals(parsed(["-p", "2"], { ECHO_PORT: "1" }).values.port, 2);
  assertEquals(parsed([], { ECHO_PORT: "" }).values.port, 9090);
  assertEquals(parsed([], { ECHO_MESSAGE: "a,b" }).values.texts, ["a", "b"]);
  for (const [text, on] of [["1", true], ["true", true], ["yes", true], ["0", false], ["false", false], ["", false]]) {
    assertEquals<unknown>(parsed([], { ECHO_QUIET: String(text) }).values.quiet, on, String(text));
  }
  assertEquals(parsed(["--quiet=false"], { ECHO_QUIET: "1" }).values.quiet, false);
  assertEquals(environmentName({ name: "log-max-size" }), "ECHO_LOG_MAX_SIZE");
});

Deno.test("parseCommandLine() takes the value of a switch for what it says", () => {
  const cases = [["--quiet=no", false], ["--quiet=0", false], ["--quiet=on", true], ["--quiet", true], [
    "-q=no",
    false,
  ]] as const;
  for (const [arg, on] of cases) assertEquals(parsed([arg]).values.quiet, on, arg);
  assertEquals(parsed(["-m", "--quiet=no"]).values.texts, ["--quiet=no"]);
  for (const given of [{ argv: ["--quiet=maybe"] }, { argv: [], env: { ECHO_QUIET: "maybe" } }]) {
    const error = assertThrows(() => parsed(given.argv, given.env), UsageError);
    assertEquals([error.code, error.details["reason"]], ["bad_value", "switch"]);
  }
});

for (
  const [argv, code, details] of [
    [["--prot", "1"], "unknown_option", { option: "--prot", nearest: "--port" }],
    [["--mesage=x"], "unknown_option", { option: "--mesage", nearest: "--message" }],
    [["--zzzzzz"], "unknown_option", { option: "--zzzzzz" }],
    [["-x"], "unknown_option", { option: "-x" }],
    [["-qx"], "unknown_option", { option: "-x" }],
    [["-qm"], "missing_value", { option: "--message", placeholder: "TEXT" }],
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

Deno.test("parseCommandLine() names the variable that holds a bad value, and passes over what Kubernetes sets", () => {
  const error = assertThrows(() => parsed([], { ECHO_PORT: "abc" }), UsageError);
  assertEquals(error.details["option"], "ECHO_PORT");
  const line = parsed([], { ECHO_PORT: "tcp://10.0.0.7:9090" });
  assertEquals([line.values.port, line.passedOver], [9090, ["ECHO_PORT"]]);
});
