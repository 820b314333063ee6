import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConfigError, UsageError } from "../../../../lib/base/errors.ts";
import { chosenFaults } from "../../../../lib/commands/faults/scenarios.ts";
import { SHIPPED } from "../../../../lib/commands/faults/shipped.ts";
import { parseFault } from "../../../../lib/commands/faults/settings.ts";

async function inFile(text: string, scenario?: string): Promise<readonly string[]> {
  const path = await Deno.makeTempFile({ suffix: ".toml" });
  try {
    await Deno.writeTextFile(path, text);
    return (await chosenFaults({ fault: [], faults: path, scenario })).map(({ text }) => text);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("chosenFaults() reads a scenario of a file, or its only one", async () => {
  const text = `[slow]\nfault = ["up:latency=1ms", "rate=1K"]\nseed = 4\n[other]\nfault = "drop"\n`;
  assertEquals(await inFile(text, "slow"), ["up:latency=1ms,seed=4", "rate=1K,seed=4"]);
  assertEquals(await inFile(`fault = ["stall"]`), ["stall"]);
  assertEquals(await inFile(`[only]\nfault = ["stall"]`), ["stall"]);
  await assertRejects(() => inFile(text, "fast"), UsageError);
  await assertRejects(() => inFile(text), UsageError);
});

Deno.test("chosenFaults() says what is wrong in a file", async () => {
  for (const text of [`[a]\nfault = ["latncy=1ms"]`, `[a]\nfaults = []`, `[a`]) {
    await assertRejects(() => inFile(text, "a"), ConfigError, undefined, text);
  }
  for (const text of ["[a]", "[a]\nseed = 1", "[a]\nfault = { x = 1 }", "[a]\nfault = [1]"]) {
    await assertRejects(() => inFile(text, "a"), ConfigError, `[a] needs fault = "SPEC"`, text);
  }
  await assertRejects(() => inFile("seed = 1"), ConfigError, "it has no scenario");
});

Deno.test("chosenFaults() has five scenarios without a file, and adds --fault", async () => {
  for (const scenario of ["slow-link", "lossy", "chopped", "rude-peer", "liar"]) {
    const chosen = await chosenFaults({ fault: [parseFault("seed=1,stall")], faults: undefined, scenario });
    assertEquals([chosen.length >= 2, chosen.at(-1)?.text], [true, "seed=1,stall"], scenario);
  }
});

Deno.test("The documentation shows the scenarios as they are", async () => {
  const shown = SHIPPED.trim().split("\n").map((line) => line === "" ? "" : `    ${line}`).join("\n");
  for (const page of ["faults.md", "faults.ru.md"]) {
    const text = await Deno.readTextFile(new URL(`../../../../docs/${page}`, import.meta.url));
    assert(text.includes(shown), page);
  }
});
