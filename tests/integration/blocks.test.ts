// The command blocks of README and docs, in both languages, run as a reader would run them.
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { type Block, blocksOf, Reader } from "../support/blocks.ts";
import { isLong } from "../support/long.ts";
import { hasPython } from "../support/python.ts";
import { inRepository } from "../support/repository.ts";
import { eachOf } from "../support/lab.ts";

/** Sessions at once. */
const AT_ONCE = 4;

function pagesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(inRepository(folder))).flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    return isDirectory ? pagesIn(path) : name.endsWith(".md") ? [path] : [];
  });
}

const pages = isLong ? ["README.md", "README.ru.md", ...pagesIn("docs").sort()] : ["README.md"];
const blocks = pages.flatMap(blocksOf);

/** Blocks that belong together: each that goes on where the one above it ended. What two languages share is here once. */
const sessions = new Map<string, Block[]>();
for (const block of blocks) {
  if (block.reason !== undefined) continue;
  if (block.settings.has("continues")) [...sessions.values()].at(-1)?.push(block);
  else sessions.set(keyOf(block), [block]);
}

/** Whether it measures or examines for seconds. */
function isSlow({ steps }: Block): boolean {
  return steps.some(({ command }) => /^echo-\w+ (?:bench|check|explain)/.test(command));
}

/** What is typed and shown, and in what circumstances. */
function keyOf({ steps, settings, place }: Block): string {
  const typed = steps.map(({ command, shown }) => [command, shown]);
  const page = place.replace(/(?:\.ru)?\.md:\d+$/, "");
  return JSON.stringify([page, typed, [...settings]]);
}

Deno.test(
  "Each command block of README and docs runs, or says why not; in a short run, some of README's",
  { ignore: !hasPython },
  async () => {
    const failures: string[] = [];
    let lines = 0;
    const chosen = [...sessions.values()].filter((session) => isLong || !session.some(isSlow));
    await eachOf(chosen, AT_ONCE, async (session) => {
      try {
        await using reader = new Reader();
        for (const block of session) {
          const ran = await reader.run(block);
          lines += ran;
        }
        await reader.finish();
      } catch (error) {
        failures.push(`${session[0]?.place}: ${error instanceof Error ? error.message : error}`);
      }
    });
    assertEquals(failures, []);
    const left = blocks.filter(({ reason }) => reason !== undefined);
    const told = left.map(({ place, reason }) => `  ${place}: ${reason}\n`).join("");
    const text = `${blocks.length - left.length} blocks run, ${lines} lines; not run: ${left.length}\n${told}`;
    if (isLong) await Deno.stdout.write(new TextEncoder().encode(text));
    assert(lines > (isLong ? 60 : 5), `${lines} lines`);
  },
);
