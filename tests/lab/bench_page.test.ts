// The pages of `bench --html` and `compare --html` as a person sees them: at each width, by light and by dark, by keyboard.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { BROWSER, withPage } from "../support/browser.ts";
import { isLong } from "../support/long.ts";
import { runTool, startServer, tempDir } from "../support/tools.ts";

Deno.test({
  name: BROWSER === undefined
    ? "the pages of bench and compare in a browser: skipped, install the package chromium-headless-shell"
    : "the pages of bench and compare fit their width, tell values by keyboard, and keep nobody out",
  ignore: BROWSER === undefined || !isLong,
  async fn() {
    using dir = tempDir();
    await using server = await startServer();
    const to = `127.0.0.1:${server.port}`;
    const files = ["one.json", "two.json"].map((name) => dir.at(name));
    for (const [at, lang] of ["ru", "en"].entries()) {
      const args = ["bench", "-c", "2", "--rate", "500", "--duration", "1s", "--lang", lang, "--json"];
      const { code, stdout } = await runTool("echo-client", [...args, "--html", dir.at(`${lang}.html`), to]);
      assertEquals(code, 0);
      Deno.writeTextFileSync(files[at] ?? "", stdout);
    }
    await runTool("echo-client", [
      "bench",
      "-n",
      "50",
      "--sweep",
      "connections=1,2",
      "--html",
      dir.at("sweep.html"),
      to,
    ]);
    await runTool("echo-client", ["compare", "--lang", "ru", "--html", dir.at("compare.html"), ...files]);
    for (const name of ["ru", "en", "sweep", "compare"]) {
      await withPage(`file://${dir.at(`${name}.html`)}`, async (page) => {
        for (const [width, theme] of [[375, "light"], [1200, "dark"]] as const) {
          await page.look({ width, theme });
          assertEquals(await page.barriers(), [], `${name}, ${width} px, ${theme}`);
          assert(await page.value<number>("document.documentElement.scrollWidth") <= width, `${name}, ${width} px`);
        }
        await page.value("document.querySelector('.hits input').focus()");
        await page.send("Input.dispatchKeyEvent", { type: "keyDown", key: " ", code: "Space", text: " " });
        await page.send("Input.dispatchKeyEvent", { type: "keyUp", key: " ", code: "Space" });
        const shown = "[...document.querySelectorAll('.hits span')].map((one) => one.innerText).find((text) => text)";
        assertMatch(await page.value<string>(shown), /\d/, `${name}: a value is shown`);
        assertEquals(page.events.filter(({ method }) => method === "Log.entryAdded").length, 0);
      });
    }
  },
});
