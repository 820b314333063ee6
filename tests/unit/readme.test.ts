import { assert } from "@std/assert";

const readme = Deno.readTextFileSync(new URL("../../README.md", import.meta.url));

Deno.test("README.md names files that are there", () => {
  for (const [, link = ""] of readme.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
    assert(Deno.statSync(new URL(`../../${link}`, import.meta.url)), link);
  }
});
