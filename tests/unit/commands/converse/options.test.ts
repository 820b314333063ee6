import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../../lib/base/errors.ts";
import { CONVERSE_OPTIONS } from "../../../../lib/commands/converse/options.ts";

Deno.test("--source takes an address of this machine, never a name", () => {
  const { parse } = CONVERSE_OPTIONS.source;
  assertEquals(parse("192.0.2.7:4000"), { hostname: "192.0.2.7", port: 4000 });
  assertEquals(parse("::1"), { hostname: "::1" });
  for (const text of ["xyz", "localhost:4000", ":4000", "", "1.2.3"]) assertThrows(() => parse(text), UsageError);
});
