// deno-lint-ignore-file no-console -- tells whoever ran it what it did
/**
 * `deno task readme`: writes the option tables of README.md from the tables the tools parse with. A test compares.
 *
 * @module
 */
import { CLIENT_OPTIONS } from "../lib/commands/connection/options.ts";
import { optionText, type Tool } from "../lib/cli/help.ts";
import { type Translate, translator } from "../lib/cli/messages.ts";
import { environmentName, type OptionTable } from "../lib/cli/options.ts";
import { SERVER_OPTIONS } from "../lib/commands/serve/options.ts";

const readme = new URL("../README.md", import.meta.url);

/** The README with its option tables made anew. */
export async function withOptionTables(text: string): Promise<string> {
  const t = await translator("en");
  const tables: readonly (readonly [Tool, OptionTable])[] = [["server", SERVER_OPTIONS], ["client", CLIENT_OPTIONS]];
  return tables.reduce((result, [tool, options]) => {
    const markers = new RegExp(`(<!-- options: echo-${tool} -->\n)[^]*?(\n<!-- end -->)`);
    const table = `<!-- deno-fmt-ignore-start -->\n\n${optionTable(tool, options, t)}\n\n<!-- deno-fmt-ignore-end -->`;
    return result.replace(markers, (_, start: string, end: string) => `${start}${table}${end}`);
  }, text);
}

function optionTable(tool: Tool, options: OptionTable, t: Translate): string {
  const rows = Object.values(options).map((option) => {
    const short = option.short === undefined ? "" : `\`-${option.short}\` `;
    const value = option.placeholder === undefined ? "" : ` ${option.placeholder.replaceAll("|", "\\|")}`;
    const variable = option.placeholder === undefined ? "" : ` \`${environmentName(option)}\``;
    return `| ${short}\`--${option.name}${value}\` | ${
      optionText(tool, option, t).replaceAll("|", "\\|")
    } |${variable} |`;
  });
  return ["| option | what it does | environment |", "| --- | --- | --- |", ...rows].join("\n");
}

if (import.meta.main) {
  const text = await Deno.readTextFile(readme);
  const made = await withOptionTables(text);
  if (made !== text) await Deno.writeTextFile(readme, made);
  console.log(made === text ? "README.md is up to date" : "README.md: option tables written");
}
