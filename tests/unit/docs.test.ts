import { assert, assertEquals, assertLess } from "@std/assert";
import { dirname, join, relative } from "@std/path";
import { FRAMING_NAMES } from "../../lib/framing/framing.ts";
import { pages } from "../../tools/reference.ts";
import manifest from "../../deno.json" with { type: "json" };
import { inRepository } from "../support/repository.ts";

/** Folders that hold no page of the project. */
const OTHERS = /^(\.git|\.cache|dist|coverage|node_modules)$/;

/** Every page of the project, by its path in the repository. */
const PAGES = new Map(pagesIn("").map((path) => [path, Deno.readTextFileSync(inRepository(path))]));

function pagesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(inRepository(folder))).flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return OTHERS.test(name) ? [] : pagesIn(path);
    return name.endsWith(".md") ? [path] : [];
  });
}

/** A page without its blocks of code: those show what programs print. */
function prose(text: string): string {
  return text.replace(/^```[^]*?^```$/gm, "").replace(/^ {4,}.*$/gm, "");
}

/** The links of a page to others of the project: path and anchor. */
function linksOf(page: string): { readonly path: string; readonly anchor: string | undefined }[] {
  const text = prose(PAGES.get(page) ?? "");
  return [...text.matchAll(/\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, link = "", anchor]) => ({
    path: link === "" ? page : join(dirname(page), link),
    anchor,
  }));
}

/** What a heading is linked by. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
}

Deno.test("The pages link to files and headings that exist", () => {
  for (const page of PAGES.keys()) {
    for (const { path, anchor } of linksOf(page)) {
      assert(exists(path), `${page}: ${path}`);
      if (anchor === undefined || !path.endsWith(".md")) continue;
      const headings = [...(PAGES.get(path) ?? "").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
        anchorOf(heading)
      );
      assert(headings.includes(anchor), `${page}: ${path}#${anchor}`);
    }
  }
});

Deno.test("The pages name paths of the project that exist", () => {
  for (const [page, text] of PAGES) {
    if (page === "CHANGELOG.md") continue; // It names what there was.
    for (const [, path = ""] of text.matchAll(/`((?:lib|tests|tools|docs|\.ci|\.github)\/[\w./-]*)`/g)) {
      assert(exists(path), `${page}: ${path}`);
    }
  }
});

Deno.test("The pages name tasks of deno.json that exist", () => {
  for (const [page, text] of PAGES) {
    for (const [, task = ""] of text.matchAll(/(?:deno|deno@[\d.]+) task ([a-z][\w:]*\w)/g)) {
      assert(task in manifest.tasks, `${page}: deno task ${task}`);
    }
  }
});

Deno.test("Every page of docs can be reached from docs/README.md", () => {
  const reached = new Set(["docs/README.md"]);
  for (const page of reached) {
    for (const { path } of linksOf(page)) {
      if (PAGES.has(path)) reached.add(path);
      if (PAGES.has(join(path, "README.md"))) reached.add(join(path, "README.md"));
    }
  }
  assertEquals([...PAGES.keys()].filter((page) => page.startsWith("docs/") && !reached.has(page)), []);
});

Deno.test("README.md and README.ru.md stay short, and link to the same pages", () => {
  const [english, russian] = ["README.md", "README.ru.md"].map((page) =>
    linksOf(page).map(({ path }) => path.replace(/\.ru\.md$/, ".md")).filter((path) =>
      !/^README|^docs\/options/.test(path)
    )
  );
  assertEquals(russian, english);
  for (const page of ["README.md", "README.ru.md"]) {
    const text = PAGES.get(page) ?? "";
    assertLess(text.split("\n").length, 250, page);
    for (const task of ["test", "demo"]) assert(text.includes(`npx -y deno@2.9.6 task ${task}`), page);
  }
});

Deno.test("A Russian page has the sections, tables, lists and files of the English one, and links to Russian pages", () => {
  /** How many lines of each kind a page has. */
  function shapeOf(page: string): Readonly<Record<string, number>> {
    const text = PAGES.get(page) ?? "";
    const lines = {
      sections: /^#+ /gm,
      rows: /^\|/gm,
      points: /^ *[-*] /gm,
      settings: /^<!-- (?:run|not run):/gm,
      code: /^```/gm,
    };
    return Object.fromEntries(Object.entries(lines).map(([kind, line]) => [kind, [...text.matchAll(line)].length]));
  }
  const pages = [...PAGES.keys()].filter((page) => page.endsWith(".ru.md"));
  assert(pages.length > 15, "the pages were found");
  for (const page of pages) {
    const english = page.replace(/\.ru\.md$/, ".md");
    assertEquals(shapeOf(page), shapeOf(english), page);
    for (const { path } of linksOf(page)) {
      const isFine = path === english || path.endsWith(".ru.md") || !PAGES.has(path.replace(/\.md$/, ".ru.md"));
      assert(isFine, `${page}: ${path} is there in Russian`);
    }
  }
});

Deno.test("The option pages and the manual pages have the options that the tools take, and there are no others", async () => {
  const made = await pages();
  for (const [path, text] of made) {
    assertEquals(Deno.readTextFileSync(inRepository(path)), text, `${path}: run deno task reference`);
  }
  const there = Array.from(Deno.readDirSync(inRepository("docs/man")), ({ name }) => `docs/man/${name}`);
  assertEquals(there.sort(), made.flatMap(([path]) => path.endsWith(".1") ? [path] : []).sort());
});

Deno.test("docs/protocol.md has a row for every framing", () => {
  const rows = PAGES.get("docs/protocol.md")?.split("\n").filter((line) => line.startsWith("| `")) ?? [];
  assertEquals(FRAMING_NAMES.filter((name) => !rows.some((row) => row.split("|")[1]?.includes(`\`${name}\``))), []);
});

Deno.test("The map of ARCHITECTURE.md has every room of lib and every command", () => {
  for (const folder of ["lib", "lib/commands"]) {
    for (const { name, isDirectory } of Deno.readDirSync(inRepository(folder))) {
      if (isDirectory) assert(PAGES.get("ARCHITECTURE.md")?.includes(` ${name}/`), `${folder}/${name}`);
    }
  }
});

Deno.test("Every decision has a status and a date, and stands in the index", () => {
  const index = PAGES.get("docs/adr/README.md") ?? "";
  const decisions = [...PAGES.keys()].filter((page) => /^docs\/adr\/\d/.test(page));
  assert(decisions.length >= 8, "the decisions were found");
  for (const page of decisions) {
    assert(/^Status: (accepted|superseded by \[\d{4}\]\(.*\)) · \d{4}-\d\d-\d\d$/m.test(PAGES.get(page) ?? ""), page);
    assertLess((PAGES.get(page) ?? "").split("\n").length, 42, `${page}: at most 40 lines`);
    assert(index.includes(`](${relative("docs/adr", page)})`), `docs/adr/README.md: ${page}`);
  }
});

Deno.test("docs/security.md names tests that exist", () => {
  const named = [
    ...(PAGES.get("docs/security.md") ?? "").matchAll(/`(tests\/[\w./]+\.test\.ts)`: (.*?)(?=<br>| *\|)/g),
  ];
  assert(named.length > 20, "the tests were found");
  for (const [, path = "", name = ""] of named) {
    assert(Deno.readTextFileSync(inRepository(path)).includes(name), `${path}: ${name}`);
  }
});

/** Phrases that read as translated, and what other words say better. */
const PHRASES = [
  /will not do\b/,
  /is no place for/,
  /to be had/,
  /no notice of/,
  /no longer than it\b/,
  /\bwho (?:comes|floods|came|asks)\b/,
  /tells its story/,
  /in vain/,
  /местн\p{L}+ адрес/iu,
];

Deno.test("The pages, and the comments of tools and tests/support, are in plain English and Russian", () => {
  const sources = ["tools", "tools/denort", "tools/lab", "tests/support"].flatMap((folder) =>
    Array.from(Deno.readDirSync(inRepository(folder)), ({ name }) => join(folder, name))
  ).filter((path) => path.endsWith(".ts"));
  const texts = [...PAGES, ...sources.map((path) => [path, Deno.readTextFileSync(inRepository(path))] as const)];
  for (const [path, text] of texts) {
    for (const phrase of PHRASES) assertEquals(phrase.exec(text)?.[0], undefined, path);
  }
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(inRepository(path)) !== undefined;
  } catch {
    return false;
  }
}
