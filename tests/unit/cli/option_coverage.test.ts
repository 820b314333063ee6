// Each option of each command changes something that a test sees: here, that tests name it at all.
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { CLIENT } from "../../../client.ts";
import { SERVER } from "../../../server.ts";
import { inRepository } from "../../support/repository.ts";

/** Sources of all tests, and the pages whose commands are run as tests. */
function sources(folder: string): string[] {
  return Array.from(Deno.readDirSync(inRepository(folder))).flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return sources(path);
    return /\.(ts|py|json)$/.test(name) && !name.endsWith("lock") ? [Deno.readTextFileSync(inRepository(path))] : [];
  });
}

const TEXT = [...sources("tests"), Deno.readTextFileSync(inRepository("docs/conventions.md"))].join("\n");

/** `--name`, `-n`, or the value's own name where a test hands values in: `inPlace: true`. */
function isNamed(key: string, { name, short }: { readonly name: string; readonly short?: string }): boolean {
  const spelled = [`--${name}(?![\\w-])`, `[{,\\s]${key}: `, ...short ? [`["\\s]-${short}\\b`] : []];
  return new RegExp(spelled.join("|")).test(TEXT);
}

Deno.test("Every option of both tools is named by a test", () => {
  const missing = [SERVER, CLIENT].flatMap(({ tool, commands }) =>
    commands.filter(({ isHidden }) => !isHidden).flatMap(({ name, options }) =>
      Object.entries(options)
        .filter(([key, option]) => !isNamed(key, option))
        .map(([, option]) => `${tool} ${name} --${option.name}`)
    )
  );
  assertEquals(missing, []);
});
