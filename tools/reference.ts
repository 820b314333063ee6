// deno-lint-ignore-file no-console -- tells whoever ran it what it did
/**
 * `deno task reference`: writes docs/options.md, docs/options.ru.md and docs/man/*.1 from the commands of the tools. A
 * test compares.
 *
 * @module
 */
import { CLIENT } from "../client.ts";
import manifest from "../deno.json" with { type: "json" };
import { type Command, usageOf, variableOf } from "../lib/cli/command.ts";
import { describe, groupsOf, optionSyntax, optionText, type Row } from "../lib/cli/help.ts";
import { type Language, type Translate, translator } from "../lib/cli/texts.ts";
import { aboutsOf, type ToolSpec, withBuiltIn } from "../lib/cli/tool.ts";
import { SERVER } from "../server.ts";

const TOOLS: readonly ToolSpec[] = [SERVER, CLIENT].map(({ tool, commands }) => ({
  tool,
  commands: withBuiltIn(tool, commands),
}));

/** A page: its path in the repository, and what should be in it. */
export type Page = readonly [path: string, text: string];

const TOPS: Readonly<Record<Language, readonly string[]>> = {
  en: ["# Options", "[Русский](options.ru.md)", "| option | what it does | environment |"],
  ru: ["# Параметры", "[English](options.md)", "| параметр | что делает | переменная |"],
};

/** The tables of all options of all commands. */
async function optionPage(language: Language): Promise<Page> {
  const [title = "", link = "", head = ""] = TOPS[language];
  const parts = ["<!-- deno-fmt-ignore-file -->\n<!-- Made by deno task reference. -->", title, link];
  for (const { tool, commands } of TOOLS) {
    for (const command of commands.filter(({ isHidden }) => !isHidden)) {
      const t = await translator(language, command.texts);
      const about = describe(command, { tool, commands, t }).about;
      const rows = groupsOf(command).flatMap(([, table]) => Object.values(table)).map((option) => {
        const syntax = optionSyntax(option).trim().replace(", ", "` `");
        const variable = option.placeholder === undefined ? "" : ` \`${variableOf(option, command, commands)}\``;
        return `| \`${cell(syntax)}\` | ${cell(optionText(command, option, t))} |${variable} |`;
      });
      const heading = `## ${tool} ${command.name}`.trimEnd();
      parts.push(heading, about, `\`${usageOf(command, tool)}\``, [head, "| --- | --- | --- |", ...rows].join("\n"));
    }
  }
  return [language === "en" ? "docs/options.md" : "docs/options.ru.md", `${parts.join("\n\n")}\n`];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** A manual page for each command, in the macros of man(7). */
async function manualPages(): Promise<Page[]> {
  const pages = TOOLS.flatMap(({ tool, commands }) =>
    commands.filter(({ isHidden }) => !isHidden).map(async (command): Promise<Page> => {
      const name = [tool, ...command.name.split(" ")].filter(Boolean).join("-");
      return [`docs/man/${name}.1`, await manual(name, command, { tool, commands })];
    })
  );
  return await Promise.all(pages);
}

async function manual(name: string, command: Command, { tool, commands }: ToolSpec): Promise<string> {
  const t: Translate = await translator("en", command.texts);
  const abouts = await aboutsOf(commands, "en");
  const told = describe(command, { tool, commands, t, abouts });
  const list = (rows: readonly Row[]): string[] =>
    rows.flatMap(([left, right]) => [".TP", `\\fB${roff(left.trim())}\\fR`, roff(right)]);
  const section = (title: string, rows: readonly Row[]): string[] =>
    rows.length === 0 ? [] : [`.SH ${title}`, ...list(rows)];
  return [
    `.TH ${name.toUpperCase()} 1 "" "${tool} ${manifest.version}" "User Commands"`,
    ".SH NAME",
    `${roff(name)} \\- ${roff(told.about.replace(/\.$/, ""))}`,
    ".SH SYNOPSIS",
    ...told.usage.split("\n").flatMap((line) => [`.B ${roff(line)}`, ".br"]),
    ...section("COMMANDS", told.commands),
    ...told.options.flatMap(({ title, rows }) => section(title.toUpperCase(), rows)),
    ...section("EXIT STATUS", told.exits),
    ".SH ENVIRONMENT",
    roff(told.notes.join(" ")),
    ...section("EXAMPLES", told.examples),
    ".SH SEE ALSO",
    TOOLS.map((other) => `.BR ${other.tool} (1)`).join("\n"),
    "",
  ].join("\n");
}

/** Text as roff takes it: no escapes of its own, hyphens that can be copied, no line that begins with a request. */
function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^([.'])/gm, "\\&$1");
}

/** Every page as it should be. */
export async function pages(): Promise<Page[]> {
  return [await optionPage("en"), await optionPage("ru"), ...await manualPages()];
}

if (import.meta.main) {
  await Deno.mkdir(new URL("../docs/man", import.meta.url), { recursive: true });
  for (const [path, text] of await pages()) await Deno.writeTextFile(new URL(`../${path}`, import.meta.url), text);
  console.log("docs/options.md, docs/options.ru.md and docs/man: written");
}
