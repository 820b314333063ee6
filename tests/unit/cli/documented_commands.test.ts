// The command lines of the pages are such as the tools take: commands, options and values.
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { CLIENT } from "../../../client.ts";
import { checkOperands, findCommand } from "../../../lib/cli/command.ts";
import { parseCommandLine } from "../../../lib/cli/options.ts";
import { withBuiltIn } from "../../../lib/cli/tool.ts";
import { SERVER } from "../../../server.ts";
import { inRepository } from "../../support/repository.ts";

/** Pages whose blocks show something else: what programs print, and what is in a shell's script. */
const OTHERS = /^(docs\/(options|adr|man|conventions)|CHANGELOG|node_modules|dist|\.)/;

function pagesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(inRepository(folder))).flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (OTHERS.test(path)) return [];
    return isDirectory ? pagesIn(path) : name.endsWith(".md") ? [path] : [];
  });
}

/** Lines of a page's blocks of code; those that a backslash joins are one. */
function codeLines(page: string): string[] {
  const text = Deno.readTextFileSync(inRepository(page));
  const fenced = [...text.matchAll(/^```\w*\n([^]*?)^```$/gm)].map(([, block = ""]) => block);
  const indented = [...text.matchAll(/(?:^ {4,}.*\n?)+/gm)].map(([block]) => block);
  return [...fenced, ...indented].flatMap((block) => block.replaceAll(/\\\n\s*/g, " ").split("\n"));
}

/** The words of a shell's command, without quotes; undefined where it is no plain one. */
function words(text: string): string[] | undefined {
  const found = text.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return found.map((word) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2"));
}

/** Calls of the tools in a line: tool and arguments, up to a pipe, a redirection, a comment. */
function callsIn(line: string): string[][] {
  const plain = line.trim().replace(/^[$#] /, "").replace(/^\(umask \d+; /, "");
  return plain.split(/\s(?:\||&&|;)\s|\|\s/).flatMap((part) => {
    const [command = ""] = part.split(/\s(?:#|[0-9]?>|<|&$|& )/);
    const call = /^(?:\w+=\S+ |sudo (?:-u \w+ )?|timeout \S+ )*(echo-(?:server|client)(?:\s.*)?)$/.exec(command.trim())
      ?.[1];
    return call === undefined || /…|\bCOMMAND\b|[[$]/.test(call) ? [] : [words(call.replace(/\s&$/, "")) ?? []];
  });
}

const calls = pagesIn("").flatMap((page) =>
  codeLines(page).flatMap((line) => callsIn(line).map((call) => ({ page, call })))
);

Deno.test("The command lines of all pages are such as the tools take", () => {
  assert(calls.length > 120, `${calls.length} command lines were found`);
  const wrong = calls.flatMap(({ page, call: [tool = "", ...argv] }) => {
    const spec = tool === "echo-server" ? SERVER : CLIENT;
    try {
      const commands = withBuiltIn(spec.tool, spec.commands);
      const { command, argv: own } = findCommand(argv, commands, spec.tool);
      const { values, positionals } = parseCommandLine(own, command.options, { environment: () => undefined });
      const isHelp = "help" in values && values["help"] === true;
      if (!isHelp) checkOperands(positionals, command, spec.tool);
      return [];
    } catch (error) {
      return [`${page}: ${[tool, ...argv].join(" ")}: ${error instanceof Error ? error.message : error}`];
    }
  });
  assertEquals(wrong, []);
});
