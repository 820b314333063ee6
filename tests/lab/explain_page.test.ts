import { assert, assertEquals } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { BROWSER, withPage } from "../support/browser.ts";
import { frame, readToEnd, writeAll } from "../support/net.ts";
import { PATIENCE, tempDir, toolPath, until } from "../support/tools.ts";

/** Has an echo of this process talk through explain, and writes its page. */
async function record(path: string, messages: readonly string[]): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async (): Promise<void> => {
    const conn = await listener.accept();
    await conn.readable.pipeTo(conn.writable);
  })();
  const child = new Deno.Command(toolPath("echo-client"), {
    args: [
      "explain",
      `127.0.0.1:${listener.addr.port}`,
      "--listen",
      "0",
      "--count",
      "1",
      "--html",
      path,
      "--lang",
      "en",
    ],
    ...{ stdin: "null", stdout: "piped", stderr: "null" },
  }).spawn();
  let printed = "";
  const reading = (async (): Promise<void> => {
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)) {
      printed += part;
    }
  })();
  const port = Number(await until(() => /Listening on 127\.0\.0\.1:(\d+)/.exec(printed)?.[1], "explain"));
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  for (const message of messages) await writeAll(conn, frame(message));
  await conn.closeWrite();
  await deadline(readToEnd(conn), PATIENCE);
  assertEquals((await deadline(child.status, PATIENCE)).code, 0);
  await Promise.all([reading, served]);
  listener.close();
}

/** Of each frame's arrow, what a person sees: where it is, and whether it points to the right. */
const ARROWS = `[...document.querySelectorAll("li.frame")].map((row) => {
  const box = row.querySelector(".arrow").getBoundingClientRect();
  const lane = row.querySelector(".lane").getBoundingClientRect();
  const head = getComputedStyle(row.querySelector(".arrow"), "::after");
  const words = row.querySelector(".words").getBoundingClientRect();
  return {
    from: row.classList.contains("client") ? "client" : "server",
    isWide: box.width > 0.9 * lane.width && box.height > 5 && words.height > 10,
    points: head.borderLeftWidth > head.borderRightWidth ? "right" : "left",
    top: box.top,
    text: row.querySelector(".words").innerText,
  };
})`;

Deno.test({
  name: BROWSER === undefined
    ? "explain's page in a browser: skipped, install the package chromium-headless-shell"
    : "explain's page shows every frame in a browser, by light and by dark, and asks for nothing else",
  ignore: BROWSER === undefined,
  async fn() {
    using dir = tempDir();
    const evil = `<script>document.title="broken"</script><img src="http://192.0.2.1/x">`;
    const messages = ["привет", "", evil, ...Array.from({ length: 60 }, (_, at) => `message ${at}`)];
    await record(dir.at("wire.html"), messages);
    await withPage(`file://${dir.at("wire.html")}`, async (page) => {
      const arrows = await page.value<{ from: string; isWide: boolean; points: string; top: number; text: string }[]>(
        ARROWS,
      );
      assertEquals(arrows.length, 2 * messages.length);
      assert(arrows.every(({ isWide }) => isWide), "each has its width and its words");
      for (const from of ["client", "server"]) {
        const of = arrows.filter((arrow) => arrow.from === from);
        assertEquals(of.length, messages.length);
        assertEquals(new Set(of.map(({ points }) => points)), new Set([from === "client" ? "right" : "left"]));
        assert(of.every(({ text }, at) => text.startsWith(`${at + 1} · `)), "each is there once, in order");
      }
      // No two are drawn over each other.
      assertEquals(arrows.map(({ top }) => top), arrows.map(({ top }) => top).toSorted((a, b) => a - b));
      assertEquals(new Set(arrows.map(({ top }) => Math.round(top))).size, arrows.length);

      // A click shows the bytes.
      const opened = `(() => {
        document.querySelector("li.frame summary").click();
        return document.querySelector("li.frame .inside").innerText;
      })()`;
      assert((await page.value<string>(opened)).includes("00 00 00 0c = 12 bytes follow"));
      assert((await page.value<string>("document.querySelector('li.frame pre').innerText")).includes("d0 bf d1 80"));

      const background = "getComputedStyle(document.body).backgroundColor + getComputedStyle(document.body).color";
      const colours: string[] = [];
      for (const value of ["light", "dark"]) {
        await page.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] });
        colours.push(await page.value<string>(background));
      }
      assertEquals(colours, ["rgb(255, 255, 255)rgb(28, 31, 35)", "rgb(22, 24, 27)rgb(230, 232, 234)"]);

      for (const theme of ["light", "dark"] as const) {
        // Narrow, as on a telephone: nothing sticks out.
        await page.look({ width: 375, theme });
        assert(await page.value<number>("document.documentElement.scrollWidth") <= 375);
        assertEquals(await page.barriers(), []);
      }
      // On paper everything is open.
      await page.send("Emulation.setEmulatedMedia", { media: "print" });
      const height = "document.querySelectorAll('li.frame pre')[3].getBoundingClientRect().height";
      assert(await page.value<number>(height) > 10);

      assertEquals(
        await page.value<string>("document.title"),
        await page.value<string>("document.querySelector('h1').innerText"),
      );
      const asked = page.events.filter(({ method }) => method === "Network.requestWillBeSent")
        .map(({ params }) => (params["request"] as { url: string }).url);
      assertEquals(asked, [`file://${dir.at("wire.html")}`]);
      const complaints = page.events.filter(({ method }) => method === "Log.entryAdded");
      assertEquals(complaints.map(({ params }) => (params["entry"] as { text: string }).text), []);
    });
  },
});
