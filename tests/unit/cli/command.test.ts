import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { CLIENT } from "../../../client.ts";
import { SERVER } from "../../../server.ts";
import { UsageError } from "../../../lib/base/errors.ts";
import { checkOperands, findCommand } from "../../../lib/cli/command.ts";
import { describe, helpText, optionText } from "../../../lib/cli/help.ts";
import { FRAMING_NAMES } from "../../../lib/framing/framing.ts";
import { FRAMING } from "../../../lib/cli/common_options.ts";
import { parseCommandLine } from "../../../lib/cli/options.ts";
import { explainError, translator } from "../../../lib/cli/texts.ts";
import { aboutsOf, withBuiltIn } from "../../../lib/cli/tool.ts";

const TOOLS = [SERVER, CLIENT].map(({ tool, commands }) => ({ tool, commands: withBuiltIn(tool, commands) }));
const t = await translator("en");

for (const { tool, commands } of TOOLS) {
  for (const command of commands.filter(({ isHidden }) => !isHidden)) {
    const called = `${tool} ${command.name}`.trim();

    Deno.test(`${called}: its options have names of their own, defaults that parse, and a text in both languages`, async () => {
      const options = Object.values(command.options);
      const words = options.flatMap(({ name, short }) => short === undefined ? [name] : [name, short]);
      assertEquals(new Set(words).size, words.length);
      parseCommandLine([], command.options, { environment: () => undefined });
      for (const language of ["en", "ru"] as const) {
        const t = await translator(language, command.texts);
        for (const option of options) {
          const text = optionText(command, option, t);
          assertMatch(text, /^[^(].*\p{L}{3}/u, option.name);
          if (option.name === "framing") { for (const name of FRAMING_NAMES) assertStringIncludes(text, name); }
        }
      }
    });

    Deno.test(`${called}: help has two examples that this command takes, each option, and each exit code`, async () => {
      assert(command.examples.length >= 2);
      for (const language of ["en", "ru"] as const) {
        const t = await translator(language, command.texts);
        const abouts = await aboutsOf(commands, language);
        const description = describe(command, { tool, commands, t, abouts });
        const told = [...description.examples, ...description.exits, ...description.commands];
        for (const [name, text] of told) assertMatch(text, /\p{L}/u, name);
        assertMatch(description.about, /\p{L}{3}/u);
        const text = helpText(description, t);
        for (const { name } of Object.values(command.options)) assertStringIncludes(text, `--${name}`);
        for (const line of text.split("\n")) assert(line.length <= 80 || !line.includes("  --"), line);
      }
      for (const [line] of command.examples.filter(([line]) => line.startsWith(`${tool} `) && !/[<>|&]/.test(line))) {
        const argv = Array.from(line.matchAll(/'([^']*)'|\S+/g), ([word, quoted]) => quoted ?? word).slice(1);
        const found = findCommand(argv, commands, tool);
        if (command.name !== "") assertEquals(found.command.name, command.name, line);
        const { positionals } = parseCommandLine(found.argv, found.command.options, { environment: () => undefined });
        checkOperands(positionals, found.command, tool);
      }
    });
  }
}

for (
  const [tool, line, code, part] of [
    ["echo-server", "user", "unknown_command", "Did you mean echo-server users?"],
    ["echo-server", "hostss list", "unknown_command", "Did you mean echo-server hosts?"],
    ["echo-server", "users ad", "unknown_command", "Did you mean echo-server users add?"],
    ["echo-server", "sessions revok", "unknown_command", "Did you mean echo-server sessions revoke?"],
    ["echo-server", "9090", "unknown_command", 'unknown command "9090".'],
    ["echo-server", "toString", "unknown_command", 'unknown command "toString".'],
    ["echo-server", "users", "missing_value", "echo-server users add | list | passwd |"],
    ["echo-server", "us\u001b[31m", "unknown_command", '"us\\x1b[31m"'],
    ["echo-client", "pign", "unknown_command", "Did you mean echo-client ping?"],
    ["echo-client", "benhc :9481", "unknown_command", "Did you mean echo-client bench?"],
    ["echo-client", "register 127.0.0.1:9481", "unknown_command", "Did you mean echo-client login --register?"],
    ["echo-client", "signup localhost:9481", "unknown_command", 'unknown command "signup".'],
    ["echo-client", "--json whoam", "unknown_command", "Did you mean echo-client whoami?"],
  ] as const
) {
  Deno.test(`findCommand() refuses "${tool} ${line}", and names what was meant`, () => {
    const commands = TOOLS.find((one) => one.tool === tool)?.commands ?? [];
    const error = assertThrows(() => findCommand(line.split(" "), commands, tool), UsageError);
    assertEquals(error.code, code);
    assertStringIncludes(explainError(error, t), part);
  });
}

for (
  const [line, name, argv] of [
    ["", "", []],
    ["--port 1 bench -c 4 :9090", "bench", ["--port", "1", "-c", "4", ":9090"]],
    ["bench --host", "bench", ["--host"]],
    ["--host bench ping", "ping", ["--host", "bench"]],
    ["myserver", "", ["myserver"]],
    ["myserver 9481", "", ["myserver", "9481"]],
    ["bench.example", "", ["bench.example"]],
    ["pign:9090", "", ["pign:9090"]],
    ["-qm bench :9090", "", ["-qm", "bench", ":9090"]],
    ["-m hello -- bench", "", ["-m", "hello", "--", "bench"]],
  ] as const
) {
  Deno.test(`findCommand() finds ${JSON.stringify(name)} in "echo-client ${line}"`, () => {
    const found = findCommand(line.split(" ").filter(Boolean), TOOLS[1]?.commands ?? [], "echo-client");
    assertEquals([found.command.name, found.argv], [name, argv]);
  });
}

Deno.test("findCommand() keeps the id of a session that begins with a hyphen from being read as an option", () => {
  const id = "-pCDEFGHIJKLMNOP";
  const commands = TOOLS[0]?.commands ?? [];
  for (const argv of [["sessions", "revoke", id, "--json"], ["--json", "sessions", "revoke", id]]) {
    const found = findCommand(argv, commands, "echo-server");
    const line = parseCommandLine(found.argv, found.command.options, { environment: () => undefined });
    assertEquals(line.positionals, [id]);
  }
});

Deno.test("findCommand() gives check what stands behind --, and no other command", () => {
  const found = findCommand(
    ["check", "--json", "--", "python3", "-u", "c.py"],
    TOOLS[0]?.commands ?? [],
    "echo-server",
  );
  assertEquals([found.argv, found.program], [["--json"], ["python3", "-u", "c.py"]]);
});

Deno.test("Completions offer a value for every framing, each of which can be used", () => {
  for (const value of FRAMING.choices) assertEquals(FRAMING.parse(value).name, value);
  const kind = (name: string): string => name.replace(/:.*/, "");
  assertEquals([...new Set(FRAMING.choices.map(kind))], FRAMING_NAMES.map(kind));
});
