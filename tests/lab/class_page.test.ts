// The page of a class as a person sees it: text stays text, the filters work without scripts, and nobody is kept out.
import { assert, assertEquals } from "@std/assert";
import { translator } from "../../lib/cli/texts.ts";
import { DEFAULT_POINTS } from "../../lib/commands/grading/class/marks.ts";
import type { Graded } from "../../lib/commands/grading/class/model.ts";
import { classPage } from "../../lib/commands/grading/class/page.ts";
import { summaryOf } from "../../lib/commands/grading/model.ts";
import { GRADING_TEXTS } from "../../lib/commands/grading/texts.ts";
import { BROWSER, withPage } from "../support/browser.ts";
import { tempDir } from "../support/programs.ts";

const EVIL =
  `"><script>document.title="broken"</script><img src="http://192.0.2.1/x" onerror="document.title='broken'">`;

function graded(name: string, parts: Partial<Graded> = {}): Graded {
  const checks = [
    ...[{ id: EVIL, task: 7, status: "failed", sent: EVIL, received: EVIL, diagnosis: EVIL, page: EVIL, try: EVIL }],
  ] as const;
  const report = { target: EVIL, framing: EVIL, checks, summary: summaryOf(checks), notes: [EVIL] };
  return {
    submission: {
      ...{ name, source: EVIL, commands: {}, others: [EVIL], hasSubclass: true },
      student: { name, email: EVIL, id: EVIL },
    },
    examined: [{ side: "server", command: EVIL, report, ms: 1 }, {
      side: "client",
      command: EVIL,
      problem: EVIL,
      ms: 1,
    }],
    ...{ tasks: { 1: "done", 2: "partly", 3: "not_done", 7: "not_done" }, bonuses: ["hash"], points: 2.5 },
    ...parts,
  };
}

Deno.test({
  name: BROWSER === undefined
    ? "the page of a class in a browser: skipped, install the package chromium-headless-shell"
    : "the page of a class holds text as text, filters without scripts, and keeps nobody out",
  ignore: BROWSER === undefined,
  async fn() {
    using dir = tempDir();
    const done = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((task) => [task, "done"] as const));
    const all = [
      graded(EVIL),
      graded("done", { tasks: done, examined: [] }),
      graded("better", { before: { tasks: {}, points: 1 } }),
    ];
    for (const language of ["en", "ru"] as const) {
      const t = await translator(language, GRADING_TEXTS);
      const page = await classPage(all, { points: DEFAULT_POINTS, t, time: new Date(0) });
      Deno.writeTextFileSync(dir.at(`${language}.html`), page);
    }
    await withPage(`file://${dir.at("en.html")}`, async (page) => {
      for (const language of ["en", "ru"]) {
        page.events.length = 0;
        await page.send("Page.navigate", { url: `file://${dir.at(`${language}.html`)}` });
        await page.value(`new Promise((resolve) => document.readyState === "complete" ? resolve() : onload = resolve)`);
        assertEquals(await page.value("document.querySelectorAll('main img, main script').length"), 0);
        for (const width of [375, 1200, 1920]) {
          for (const theme of ["light", "dark"] as const) {
            await page.look({ width, theme });
            assertEquals(await page.barriers(), [], `${language}, ${width} px, ${theme}`);
            assert(await page.value<number>("document.documentElement.scrollWidth") <= width, `${width} px`);
          }
        }
        const rows = `[...document.querySelectorAll("tbody tr")].filter((row) => row.checkVisibility()).length`;
        assertEquals(await page.value(rows), 3);
        await page.value(`document.getElementById("show-open").click()`);
        assertEquals(await page.value(rows), 2);
        await page.value(`document.getElementById("show-changed").click()`);
        assertEquals(await page.value(rows), 1);
      }
      assert(await page.value<string>("document.title") !== "broken");
      const asked = page.events.filter(({ method }) => method === "Network.requestWillBeSent")
        .map(({ params }) => (params["request"] as { url: string }).url);
      assert(asked.every((url) => url.startsWith("file://")), asked.join(" "));
    });
  },
});
