import { assert, assertEquals, assertMatch } from "@std/assert";
import { makeSbom } from "../../tools/sbom.ts";

Deno.test("the list of parts has every package of the lock files, with its digest, and what is in the binaries", () => {
  const { components, dependencies } = makeSbom();
  const refs = components.map((component) => component["bom-ref"]);
  assertEquals(new Set(refs).size, refs.length);
  const locked = Object.keys(JSON.parse(Deno.readTextFileSync("deno.lock")).npm);
  for (const id of locked) {
    const found = components.find(({ name, version }) =>
      id === `${name}@${version}` || id.startsWith(`${name}@${version}_`)
    );
    assertEquals(found?.scope, "required", id);
  }
  for (const { name, hashes, purl } of components) {
    assertMatch(purl, /^pkg:npm\/(?:%40[\w.-]+\/)?[\w.-]+@\d/);
    assertMatch(hashes[0]?.content ?? "", /^[0-9a-f]{128}$/, name);
  }
  assert(components.some(({ scope }) => scope === "excluded"));
  for (const { ref, dependsOn } of dependencies) {
    assert(refs.includes(ref));
    for (const dependency of dependsOn) assert(refs.includes(dependency), `${ref} needs ${dependency}`);
  }
  assertEquals(makeSbom(), makeSbom());
});
