// The screen of `--page` as a person sees it: it moves, nothing that clients send becomes a part of it, and nobody is kept out.
import { assert, assertEquals } from "@std/assert";
import { BROWSER, type Page, withPage } from "../support/browser.ts";
import { freePort } from "../support/fake_server.ts";
import { dial, dialFramed, readToEnd, writeAll } from "../support/net.ts";
import { startServer } from "../support/tools.ts";

/** Resolves once the text of a panel matches. */
async function shows(page: Page, id: string, pattern: RegExp): Promise<void> {
  const look = `new Promise((resolve) => {
    const panel = document.getElementById("${id}");
    const seen = () => ${pattern}.test(panel.innerText) && resolve(true);
    new MutationObserver(seen).observe(panel, { childList: true, subtree: true });
    seen();
  })`;
  assert(await page.value<boolean>(look));
}

Deno.test({
  name: BROWSER === undefined
    ? "the screen in a browser: skipped, install the package chromium-headless-shell"
    : "the screen follows the server, takes text for text, asks nobody else, and keeps nobody out",
  ignore: BROWSER === undefined,
  async fn() {
    const at = `127.0.0.1:${freePort()}`;
    await using server = await startServer({ args: ["--page", at, "--page-frames", "5"] });
    const evil =
      `<script>document.title="broken"</script><img src="http://192.0.2.1/x" onerror="document.title='broken'">`;
    await withPage(`http://${at}/`, async (page) => {
      const title = await page.value<string>("document.title");
      await using conn = await dialFramed(server.port);
      for (const text of ["привет", evil]) {
        await conn.send(text);
        await conn.receive();
      }
      using wrong = await dial(server.port);
      await writeAll(wrong, new TextEncoder().encode("PROXY TCP4\r\n"));
      await readToEnd(wrong);
      await shows(page, "frames", /<script>document\.title[^]*привет/);
      await shows(page, "mistakes", /1\s347\s571\s544 bytes: that is text “PROX”/);
      await shows(page, "clients", /127\.0\.0\.1:\d+/);
      assertEquals(await page.value("document.querySelectorAll('main img, main script').length"), 0);
      assertEquals(await page.value("document.title"), title);

      for (const lang of ["en", "ru"]) {
        await page.send("Page.navigate", { url: `http://${at}/?lang=${lang}` });
        await shows(page, "figures", lang === "ru" ? /Подключено/ : /Connected/);
        for (const width of [375, 1200, 1920]) {
          for (const theme of ["light", "dark"] as const) {
            await page.look({ width, theme });
            assertEquals(await page.barriers(), [], `${lang}, ${width} px, ${theme}`);
            assert(await page.value<number>("document.documentElement.scrollWidth") <= width);
          }
        }
      }
      await page.value("document.getElementById('pause').click()");
      assertEquals(await page.value("document.getElementById('pause').innerText"), "Продолжить");
      const asked = page.events.filter(({ method }) => method === "Network.requestWillBeSent")
        .map(({ params }) => (params["request"] as { url: string }).url);
      assert(asked.every((url) => url.startsWith(`http://${at}/`)), asked.join(" "));
      const complaints = page.events.filter(({ method }) => method === "Log.entryAdded")
        .map(({ params }) => (params["entry"] as { text: string; url?: string }));
      assertEquals(complaints.filter(({ url }) => !url?.endsWith("/favicon.ico")).map(({ text }) => text), []);
    });
  },
});
