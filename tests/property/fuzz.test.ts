import fc from "../support/fast_check.ts";
import { TARGETS } from "../fuzz/targets.ts";

for (const { name, property } of TARGETS) {
  Deno.test(name, async () => {
    await fc.assert(property, { numRuns: 150 });
  });
}
