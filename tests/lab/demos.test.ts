import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import manifest from "../../deno.json" with { type: "json" };
import { type Finished, isInstalled, runProgram } from "../support/tools.ts";

type Demo = "udp" | "nonblocking" | "backpressure" | "framing";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));

/** Runs a demonstration as its task does, with the permissions that the task gives. */
async function picture(demo: Demo, ...args: string[]): Promise<string> {
  const { command } = manifest.tasks[`lab:${demo}`];
  const [, ...words] = command.replace(/^\S+=\S+ /, "").split(" ");
  return shown(await runProgram(Deno.execPath(), [...words, ...args], { cwd: ROOT }));
}

function shown({ code, stdout, stderr }: Finished): string {
  assertEquals(code, 0, stderr);
  return stdout;
}

Deno.test("lab:udp shows the same losses each time, and TCP without any", async () => {
  const text = await picture("udp");
  assertMatch(text, /^ {3}2 ─+ ── ✗ lost$/m);
  assertMatch(text, /"datagram 05"\n {19}└─+▶ "datagram 05"\n {19}└─+▶ "datagram 03"$/m);
  assertMatch(text, /^ {3}7 ─+ ─+▶ "datagram 07 is l" {2}← cut, bytes gone: 21$/m);
  assertStringIncludes(text, "UDP: sent 12, arrived 13: lost 2, out of order 2, twice 3, cut 1.");
  assertStringIncludes(text, "TCP: sent 158 bytes, arrived 158, in order: yes, every byte.");
  assertStringIncludes(text, "Sorted by number, doubles dropped: 12 of 12, in order.");
});

Deno.test({
  name: "lab:nonblocking shows that no data is -1 and EAGAIN, and 0 bytes the end",
  ignore: !isInstalled("python3") || Deno.build.os === "windows",
  fn: async () => {
    const text = await picture("nonblocking");
    assertMatch(text, /^ +has sent nothing +recv\(\) +-1, errno \d+ \(E(AGAIN|WOULDBLOCK)\): no data yet$/m);
    assertMatch(text, /^ +sends "hi" +recv\(\) +2 bytes, "hi"$/m);
    assertMatch(text, /^ +shutdown\(SHUT_WR\) +recv\(\) +0 bytes: the peer has finished/m);
    assertStringIncludes(text, "In Python -1 is the exception BlockingIOError");
    const [, waited] = /recv waited (\d+) ms/.exec(text) ?? [];
    assert(Number(waited) >= 190, `${waited}`);
  },
});

Deno.test("lab:nonblocking shows Deno's way where there is no Python", async () => {
  const args = ["run", "--no-prompt", "--allow-net=127.0.0.1", "--allow-env", "--deny-run", "tools/lab/nonblocking.ts"];
  const text = shown(await runProgram(Deno.execPath(), args, { cwd: ROOT }));
  assertStringIncludes(text, "python3 is not here");
  assertMatch(text, /^ +has sent nothing +read\(\) +a pending promise: no data yet/m);
  assertMatch(text, /^ +sends "hi" +2 bytes, "hi"$/m);
  assertMatch(text, /^ +shutdown\(SHUT_WR\) +read\(\) +null: the peer has finished$/m);
});

Deno.test("lab:backpressure shows a write that waits, and goes on when the peer reads; nothing is lost", async () => {
  const text = await picture("backpressure");
  assertMatch(text, /^ {2}\d+\.\d\d s ░+ +\d+\.\d MiB {2}the write waits$/m);
  assertMatch(text, /^ {2}\d+\.\d\d s █+░* +\d+\.\d MiB {2}the peer reads \d+\.\d MiB: the write goes on$/m);
  const [, waited, accepted, read] = /The write waited (\d+) ms.*Accepted (\d+), read (\d+)/.exec(text) ?? [];
  assertEquals(read, accepted);
  assert(Number(waited) >= 300 && Number(accepted) > 0, text);
});

Deno.test("lab:framing shows three sends in one read, and three messages again, in both languages", async () => {
  const [english, russian] = await Promise.all([picture("framing"), picture("framing", "--lang", "ru")]);
  for (const text of [english, russian]) {
    assertMatch(text, /\[one\] \[два\] \[three\]$/m);
    assertMatch(text, /\[oneдваthree\]$/m);
    assertMatch(text, /^ {4}00 00 00 06 │ d0 b4 d0 b2 d0 b0$/m);
    assertMatch(text, / 1: one\n.* 2: два\n.* 3: three$/m);
  }
  assertStringIncludes(english, "Messages sent: 3, received: 3");
  assertStringIncludes(russian, "Отправлено сообщений: 3, принято: 3");
});

Deno.test("The other pictures have Russian words, too", async () => {
  const demos: readonly Demo[] = ["udp", "nonblocking", "backpressure"];
  for (const text of await Promise.all(demos.map((demo) => picture(demo, "--lang", "ru")))) {
    assertMatch(text, /[а-яё]{4}/);
    assert(!/\{\w+\}/.test(text), "every value is filled in");
    assert(!/\d\.\d|\d [KM]iB/.test(text), `figures are Russian, too: ${text}`);
  }
});
