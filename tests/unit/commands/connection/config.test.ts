import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../../lib/base/errors.ts";
import { familyAsked } from "../../../../lib/commands/connection/config.ts";

Deno.test("familyAsked() takes -4 or -6, and not both", () => {
  const asked = [[false, false], [true, false], [false, true]].map(([ipv4 = false, ipv6 = false]) =>
    familyAsked({ ipv4, ipv6 })
  );
  assertEquals(asked, [undefined, 4, 6]);
  assertThrows(() => familyAsked({ ipv4: true, ipv6: true }), UsageError, "-6");
});
