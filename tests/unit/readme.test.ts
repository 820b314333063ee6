import { assert, assertEquals } from "@std/assert";
import { withOptionTables } from "../../tools/readme.ts";

const readme = Deno.readTextFileSync(new URL("../../README.md", import.meta.url));

Deno.test("README.md has the options that the tools take", async () => {
  assertEquals(await withOptionTables(readme), readme, "run deno task readme");
});

Deno.test("README.md names files that are there", () => {
  for (const [, link = ""] of readme.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
    assert(Deno.statSync(new URL(`../../${link}`, import.meta.url)), link);
  }
});
