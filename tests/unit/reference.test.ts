import { assertEquals } from "@std/assert";
import { pages } from "../../tools/reference.ts";

const made = await pages();

Deno.test("docs/options.md, its translation and the manual pages have the options that the tools take", () => {
  for (const [path, text] of made) {
    assertEquals(Deno.readTextFileSync(new URL(`../../${path}`, import.meta.url)), text, "run deno task reference");
  }
});

Deno.test("docs/man has a page for each command, and no other", () => {
  const there = Array.from(Deno.readDirSync(new URL("../../docs/man", import.meta.url)), ({ name }) => name);
  assertEquals(there.sort(), made.flatMap(([path]) => path.endsWith(".1") ? [path.replace(/.*\//, "")] : []).sort());
});
