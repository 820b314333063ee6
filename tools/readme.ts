// deno-lint-ignore-file no-console -- tells whoever ran it what it did
/**
 * `deno task readme`: writes docs/options.md and docs/options.ru.md from the tables the tools parse with. A test compares.
 *
 * @module
 */
import { optionText, type OwnCommand, type Tool } from "../lib/cli/help.ts";
import { type Translate, translator } from "../lib/cli/messages.ts";
import { environmentName, type OptionTable } from "../lib/cli/options.ts";
import { BENCH_OPTIONS, COMPARE_OPTIONS, PING_OPTIONS } from "../lib/commands/bench/options.ts";
import { SERVER_CHECK_OPTIONS } from "../lib/commands/check_client/options.ts";
import { CHECK_OPTIONS } from "../lib/commands/check_server/options.ts";
import { CLIENT_OPTIONS } from "../lib/commands/connection/options.ts";
import { EXPLAIN_OPTIONS } from "../lib/commands/explain/options.ts";
import { SERVER_OPTIONS } from "../lib/commands/serve/options.ts";

/** The tables: heading, whose options, in the order of the page. */
const TABLES: readonly (readonly [heading: string, of: Tool | OwnCommand, options: OptionTable])[] = [
  ["echo-server", "server", SERVER_OPTIONS],
  ["echo-server check", "server-check", SERVER_CHECK_OPTIONS],
  ["echo-client", "client", CLIENT_OPTIONS],
  ["echo-client bench", "bench", BENCH_OPTIONS],
  ["echo-client ping", "ping", PING_OPTIONS],
  ["echo-client compare", "compare", COMPARE_OPTIONS],
  ["echo-client explain", "explain", EXPLAIN_OPTIONS],
  ["echo-client check", "check", CHECK_OPTIONS],
];

const PAGES = [
  {
    lang: "en",
    path: "docs/options.md",
    top: "# Options\n\n[Русский](options.ru.md)",
    columns: "| option | what it does | environment |",
  },
  {
    lang: "ru",
    path: "docs/options.ru.md",
    top: "# Параметры\n\n[English](options.md)",
    columns: "| параметр | что делает | переменная |",
  },
] as const;

/** The pages as they should be, each with its path in the repository. */
export async function optionPages(): Promise<(readonly [path: string, text: string])[]> {
  return await Promise.all(PAGES.map(async ({ lang, path, top, columns }) => {
    const t = await translator(lang);
    const tables = TABLES.map(([heading, of, options]) =>
      `## ${heading}\n\n${columns}\n| --- | --- | --- |\n${optionRows(of, options, t)}`
    );
    const about = `${t("help.environment")} ${t("help.units.size")}`;
    const note = "<!-- deno-fmt-ignore-file -->\n<!-- Made by deno task readme. -->";
    return [path, `${[note, top, about, ...tables].join("\n\n")}\n`] as const;
  }));
}

function optionRows(of: Tool | OwnCommand, options: OptionTable, t: Translate): string {
  const escaped = (text: string): string => text.replaceAll("|", "\\|");
  return Object.values(options).map((option) => {
    const short = option.short === undefined ? "" : `\`-${option.short}\` `;
    const value = option.placeholder === undefined ? "" : ` ${escaped(option.placeholder)}`;
    const variable = option.placeholder === undefined ? "" : ` \`${environmentName(option)}\``;
    return `| ${short}\`--${option.name}${value}\` | ${escaped(optionText(of, option, t))} |${variable} |`;
  }).join("\n");
}

if (import.meta.main) {
  for (const [path, text] of await optionPages()) {
    await Deno.writeTextFile(new URL(`../${path}`, import.meta.url), text);
    console.log(`${path}: written`);
  }
}
