/**
 * `docs [PAGE]`: the documentation, which a compiled tool has in itself.
 *
 * @module
 */
import { dirname, fromFileUrl, join } from "@std/path";
import { UsageError } from "../base/errors.ts";
import { nearest } from "./options.ts";
import { hanging } from "./terminal_size.ts";
import type { Language } from "./texts.ts";

/** Pages by the name they are asked for, with their text. */
export type Pages = Readonly<Record<string, string>>;

/** The file beside a compiled tool's program that has all pages of both languages: JSON, gzip. */
export const PAGES_FILE = "docs.json.gz";

/**
 * The pages of a folder of documentation: `server` is server.md, or server.ru.md in Russian where there is one; `task-7`
 * is of the lab.
 */
export function readPages(folder: string, language: Language): Pages {
  const pages: Record<string, string> = {};
  for (const part of ["", join("lab", language)]) {
    for (const { name, isFile } of Deno.readDirSync(join(folder, part))) {
      const [, page, translated] = /^(.+?)(\.ru)?\.md$/.exec(name) ?? [];
      if (!isFile || page === undefined || page === "README" || (translated !== undefined && language !== "ru")) {
        continue;
      }
      if (translated === undefined && Object.hasOwn(pages, page)) continue;
      pages[page] = Deno.readTextFileSync(join(folder, part, name));
    }
  }
  return Object.fromEntries(Object.entries(pages).sort(([a], [b]) => a < b ? -1 : 1));
}

/** The pages that this tool has. */
export async function ownPages(language: Language): Promise<Pages> {
  if (!Deno.build.standalone) return readPages(fromFileUrl(new URL("../../docs", import.meta.url)), language);
  const packed = Deno.readFileSync(join(dirname(fromFileUrl(Deno.mainModule)), PAGES_FILE));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const pages: Readonly<Record<Language, Pages>> = await new Response(unpacked).json();
  return pages[language];
}

/**
 * What `docs` prints: a page, or a list of them with their titles.
 *
 * @throws {UsageError} `no_such_page`
 */
export function docsText(pages: Pages, page: string | undefined): string {
  if (page === undefined) {
    const width = Math.max(...Object.keys(pages).map(({ length }) => length));
    return Object.entries(pages).map(([name, text]) => `${name.padEnd(width)}  ${titleOf(text)}`).join("\n");
  }
  const name = page.replace(/^.*\//, "").replace(/(\.ru)?\.md$/, "");
  const text = Object.hasOwn(pages, name) ? pages[name] : undefined;
  if (text !== undefined) return text.replace(/^<!--[^]*?-->\n/gm, "").trim();
  const candidate = nearest(name, Object.keys(pages));
  throw new UsageError("no_such_page", `Cannot show the page ${page}: there is none`, {
    details: { page, ...(candidate === undefined ? {} : { nearest: candidate }) },
  });
}

/** A page whose paragraphs and list items are as wide as a terminal; code and tables stay as they are. */
export function reflowed(page: string, width: number): string {
  const blocks: { text: string; isText: boolean }[] = [];
  let isCode = false;
  for (const line of page.split("\n")) {
    if (line.startsWith("```")) isCode = !isCode;
    const isText = !isCode && /^ {0,3}(?!```)[^\s#|]/.test(line);
    const before = blocks.at(-1);
    if (isText && before?.isText === true && !ITEM.test(line)) before.text += ` ${line.trim()}`;
    else blocks.push({ text: line, isText });
  }
  return blocks.flatMap(({ text, isText }) => {
    if (!isText) return [text];
    const [lead = ""] = ITEM.exec(text) ?? [];
    return hanging(lead, text.slice(lead.length), width);
  }).join("\n");
}

/** What a list item begins with. */
const ITEM = /^ *(?:[-*]|\d+\.) +/;

function titleOf(text: string): string {
  return /^# (.*)$/m.exec(text)?.[1] ?? "";
}
