// `--page`: the screen of the compiled server, in each way of serving.
import { assertEquals, assertLess, assertMatch, assertNotMatch, assertStringIncludes } from "@std/assert";
import { AuthClient, PASSWORD, startAuth, tokenOf } from "../support/auth.ts";
import { dial, dialFramed, readToEnd, writeAll } from "../support/net.ts";
import { hasRing } from "../support/ring.ts";
import { dialFramedTls, startTlsServer } from "../support/tls.ts";
import { runTool, startServer, tempDir } from "../support/tools.ts";
import { freePort } from "../support/fake_server.ts";

/** Options that show the page, and where that is. */
function onPort(...more: readonly string[]): { readonly page: string; readonly args: readonly string[] } {
  const page = `127.0.0.1:${freePort()}`;
  return { page, args: ["--page", page, ...more] };
}

/** The panels of a page, each as it came last, once `panel` matches. */
async function panels(page: string, panel: string, wanted: RegExp): Promise<Record<string, string>> {
  const { body } = await fetch(`http://${page}/events`);
  const shown: Record<string, string> = {};
  let rest = "";
  for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    rest += part;
    for (let end; (end = rest.indexOf("\n\n")) >= 0; rest = rest.slice(end + 2)) {
      Object.assign(shown, JSON.parse(rest.slice("data: ".length, end)));
    }
    if (wanted.test(shown[panel] ?? "")) return shown;
  }
  throw new Error(`The stream has ended; ${panel}: ${shown[panel]}`);
}

const ways: readonly (readonly [name: string, args: readonly string[], ignore?: boolean])[] = [
  ["", []],
  [
    " with --workers, whatever the log leaves out,",
    ["--workers", "2", "--log-level", "error"],
    Deno.build.os !== "linux",
  ],
  [" with --engine io_uring", ["--engine", "io_uring"], !hasRing],
  [" with --engine io_uring and --workers", ["--engine", "io_uring", "--workers", "2"], !hasRing],
];
for (const [name, more, ignore = false] of ways) {
  Deno.test({
    name: `--page${name} shows clients, messages, times and mistakes`,
    ignore,
    async fn() {
      const { page, args } = onPort("--page-frames", "3", ...more);
      await using server = await startServer({ args });
      await using conn = await dialFramed(server.port);
      for (const text of ["one", "two", "three", "<b>four"]) {
        await conn.send(text);
        await conn.receive();
      }
      {
        using wrong = await dial(server.port);
        await writeAll(wrong, new TextEncoder().encode("PROXY TCP4\r\n"));
        await readToEnd(wrong);
      }
      const shown = await panels(page, "mistakes", /PROX/);
      assertMatch(shown["mistakes"] ?? "", /announces 1\s347\s571\s544 bytes: that is text “PROX”/);
      const { clients = "", frames = "", figures = "", tasks = "" } = await panels(page, "clients", />4</);
      assertMatch(clients, /127\.0\.0\.1:\d+<\/th><td>\d\d:\d\d:\d\d<\/td>.*>4<.*34 B/);
      assertNotMatch(frames, /<q>one/);
      assertMatch(frames, /7 bytes <q>&#60;b&#62;four<\/q><code>3c 62 3e 66 6f 75 72<.*<q>three<.*<q>two</);
      assertMatch(figures, /Connected<\/dt><dd>1<.*Messages in all<\/dt><dd>4</);
      assertMatch(tasks, /127\.0\.0\.1<.*class="no".*class="yes"/);
    },
  });
}

Deno.test("--page with TLS shows messages, not what carries them", async () => {
  const { page, args } = onPort("--page-frames", "3");
  await using tls = await startTlsServer({ args });
  await using conn = await dialFramedTls(tls.server.port, tls.files.ca);
  await conn.send("hello");
  await conn.receive();
  assertMatch((await panels(page, "frames", /hello/))["frames"] ?? "", /5 bytes <q>hello</);
});

Deno.test("--page shows names after the log-in, and nothing of the log-in", async () => {
  const { page, args } = onPort("--page-frames", "20");
  await using server = await startAuth(["anna"], { args });
  const client = await AuthClient.to(server.port);
  const token = tokenOf(await client.sayAll("anna", PASSWORD));
  await client.sayAll(PASSWORD, "hello", "once more", "and again");
  await client[Symbol.asyncDispose]();
  await using again = await AuthClient.to(server.port);
  await again.say(`AUTH TOKEN ${token}`);
  await panels(page, "clients", />anna</);
  await panels(page, "tasks", /anna <small>127\.0\.0\.1<.*(class="yes".*){5}/);
  const all = Object.values(await panels(page, "frames", /hello/)).join("");
  assertNotMatch(all, /correct horse|es1\.|AUTH/);
});

Deno.test("--page is closed with the server, and lets it go although somebody looks", async () => {
  const { page, args } = onPort();
  await using server = await startServer({ args });
  const { body } = await fetch(`http://${page}/events`);
  const before = performance.now();
  assertEquals((await server.stop()).code, 0);
  assertLess(performance.now() - before, 5000);
  await new Response(body).text();
});

Deno.test("--page away from loopback prints its token once, and never to the log", async () => {
  await using server = await startServer({ args: ["--page", "0.0.0.0:0"] });
  await server.logged(/address=0\.0\.0\.0:\d+ purpose=page/);
  const { stderr } = await server.stop();
  assertMatch(stderr, /^Page: http:\/\/[^/]+\/\?token=[\w-]{22}\n$/);
  assertNotMatch(server.log(), /token=/);
});

Deno.test("--page on a busy port ends the server with 69", async () => {
  using busy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const args = ["--no-input", "--port", "0", "--page", `127.0.0.1:${busy.addr.port}`];
  using dir = tempDir();
  const { code, stderr } = await runTool("echo-server", args, { cwd: dir.path });
  assertEquals(code, 69);
  assertStringIncludes(stderr, String(busy.addr.port));
});
