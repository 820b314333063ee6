import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { someOf } from "../support/long.ts";
import { isInstalled, tempDir, toolPath } from "../support/tools.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));
const LAB = join(ROOT, "docs", "lab");

/** The commands of a page: its `sh` blocks. */
function commandsOf(page: string): string[] {
  return [...Deno.readTextFileSync(page).matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, commands]) => commands ?? "");
}

function pagesIn(language: "en" | "ru"): string[] {
  return [...Deno.readDirSync(join(LAB, language))].map(({ name }) => name).sort();
}

Deno.test("docs/lab has the same pages in English and in Russian, with the same commands", () => {
  assertEquals(pagesIn("ru"), pagesIn("en"));
  assertEquals(pagesIn("en").length, 8 + 7 + 1);
  for (const page of pagesIn("en")) {
    const commands = commandsOf(join(LAB, "en", page));
    assertEquals(commands.length, 1, page);
    assertEquals(commandsOf(join(LAB, "ru", page)), commands, page);
  }
});

for (const page of someOf(pagesIn("en"), 3)) {
  Deno.test({
    name: `docs/lab ${page}: the commands do what the page says`,
    ignore: !isInstalled("python3"),
    async fn() {
      using dir = tempDir();
      const path = `${join(toolPath("echo-server"), "..")}:${Deno.env.get("PATH") ?? ""}`;
      for (const commands of commandsOf(join(LAB, "en", page))) {
        const { success, stdout, stderr } = await new Deno.Command("bash", {
          // Job control as in a terminal; whatever is left running ends with the test. Tasks run where their file is.
          args: [
            "-c",
            `set -em\ndeno() { (cd "$LAB_ROOT" && "$LAB_DENO" "$@"); }\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n${commands}`,
          ],
          cwd: dir.path,
          env: {
            LAB_ROOT: ROOT,
            LAB_DENO: Deno.execPath(),
            PATH: path,
            XDG_STATE_HOME: dir.at("state"),
            LC_ALL: "C.UTF-8",
          },
          stdin: "null",
        }).output();
        const shown = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
        assert(success, `${page}:\n${commands}\n${shown}`);
      }
    },
  });
}
