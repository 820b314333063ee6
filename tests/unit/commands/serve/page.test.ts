import { assert, assertEquals, assertMatch, assertNotMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { framingFrom } from "../../../../lib/framing/framing.ts";
import { readToken } from "../../../../lib/commands/serve/page/access.ts";
import { liveChart } from "../../../../lib/commands/serve/page/chart.ts";
import { Screen } from "../../../../lib/commands/serve/page/mod.ts";
import { addressOf, Model } from "../../../../lib/commands/serve/page/model.ts";
import { pageTexts } from "../../../../lib/commands/serve/page/texts.ts";
import { panelsOf } from "../../../../lib/commands/serve/page/view.ts";
import { Stats } from "../../../../lib/server/stats.ts";
import type { Seen } from "../../../../lib/server/watch.ts";

const XSS = `"><img src=x onerror=alert(1)>`;
const facts = { mode: "auth", framing: framingFrom("u32"), frames: 5 } as const;
const connection = {
  ...{ peer: "192.0.2.1:5000", address: "192.0.2.1", name: "Anna", since: 0 },
  ...{ frames: 7, bytesIn: 77, bytesOut: 77, isUnauthenticated: false, isActive: true },
};
const KNOWN: Seen["addresses"] = new Map([["192.0.2.1", { name: "Anna", most: 7 }]]);

function seen(more: Partial<Seen> = {}): Seen[] {
  return [{ ...{ open: 1, connections: [connection] }, addresses: KNOWN, times: [10, 20, 30], frames: [], ...more }];
}

Deno.test("panelsOf() shows what clients send as text, in every field", async () => {
  const model = new Model(facts);
  const frame = { at: 0, peer: XSS, shown: { length: 30, bytes: new TextEncoder().encode(XSS) } };
  model.tell("connect", { peer: XSS });
  model.see(
    seen({ connections: [{ ...connection, peer: XSS, address: XSS, name: XSS }], frames: [frame] }),
    new Stats(),
  );
  model.tell("error", { peer: XSS, code: "frame_too_large", length: 0x3c696d67, speaks: XSS, fits: XSS });
  model.tell("refuse", { peer: XSS, limit: XSS });
  for (const language of ["en", "ru"] as const) {
    const html = Object.values(panelsOf(model, await pageTexts(language))).join("");
    assertNotMatch(html, /<img|<script|onerror=alert\(1\)>/i);
    for (const field of ["clients", "tasks", "mistakes", "limits", "frames"]) {
      assertStringIncludes(panelsOf(model, await pageTexts(language))[field] ?? "", "&#60;img src=x");
    }
  }
});

Deno.test("panelsOf() tells who, since when, rate and time to answer", async () => {
  const model = new Model({ ...facts, mode: "identify" });
  const stats = new Stats();
  model.see(seen(), stats);
  const panels = panelsOf(model, await pageTexts("ru"));
  assertMatch(panels["clients"] ?? "", /Anna.*192\.0\.2\.1:5000.*\d\d:\d\d:\d\d.*>7<.*77 Б/s);
  assertMatch(panels["figures"] ?? "", /Время ответа<\/dt><dd>20,0 мкс/);
  assertStringIncludes(panels["figures"] ?? "", "Сервер не принимает соединений.");
});

Deno.test("Model says what a length is that is text, but not before a log-in", async () => {
  const mistake = { peer: "192.0.2.1:5000", code: "frame_too_large", length: 1_347_571_544, speaks: "PROXY v1" };
  const t = await pageTexts("en");
  const open = new Model({ ...facts, mode: "echo" });
  open.tell("error", mistake);
  assertMatch(
    panelsOf(open, t)["mistakes"] ?? "",
    /announces 1\s347\s571\s544 bytes: that is text “PROX”; seems to speak/,
  );
  const closed = new Model(facts);
  closed.tell("error", mistake);
  assertNotMatch(panelsOf(closed, t)["mistakes"] ?? "", /1\s347|PROX”/);
  closed.tell("logged_in", { peer: mistake.peer, name: "Anna" });
  closed.tell("error", mistake);
  assertMatch(panelsOf(closed, t)["mistakes"] ?? "", /Anna.*PROX”/);
});

Deno.test("Model sees which tasks work for an address", () => {
  const model = new Model(facts);
  const peer = "192.0.2.1:5000";
  model.tell("connect", { peer });
  model.tell("logged_in", { peer, name: "Anna" });
  model.see(seen(), new Stats());
  model.tell("disconnect", { peer, frames: 7 });
  for (const event of ["connect", "session_resumed"]) model.tell(event, { peer: "192.0.2.1:5001" });
  assertEquals(model.addresses.get("192.0.2.1"), {
    ...{ name: "Anna", connections: 2, ended: 1, frames: 7, most: 7 },
    ...{ isNamed: false, hasLoggedIn: true, hasResumed: true, isMistaken: false },
  });
});

Deno.test("Model takes a mistake back once a connection ends without one, not when the one that made it ends", () => {
  const model = new Model(facts);
  const peer = "192.0.2.1:5000";
  model.tell("error", { peer, code: "bad_header" });
  model.tell("disconnect", { peer, frames: 3, reason: "bad_header" });
  assertEquals(model.addresses.get("192.0.2.1")?.isMistaken, true);
  model.tell("disconnect", { peer, frames: 3, reason: "end" });
  assertEquals(model.addresses.get("192.0.2.1")?.isMistaken, false);
});

Deno.test("Model is bounded whatever clients do", () => {
  const model = new Model(facts);
  for (let client = 0; client < 2000; client++) {
    const peer = `2001:db8::${client.toString(16)}:1`;
    model.tell("connect", { peer: `[${peer}]:5000` });
    model.tell("error", { peer: `[${peer}]:5000`, code: "bad_header" });
    model.tell("refuse", { peer, limit: `limit ${client}` });
    model.see(seen({ frames: [{ at: 0, peer, shown: undefined }] }), new Stats());
  }
  const { addresses, mistakes, limits, seconds, frames } = model;
  assertEquals([addresses.size, mistakes.length, limits.size, seconds.length, frames.length], [500, 20, 40, 120, 5]);
});

Deno.test("addressOf() leaves the port out", () => {
  assertEquals(["192.0.2.1:5", "[2001:db8::1]:5", "unix:/a:1"].map(addressOf), ["192.0.2.1", "2001:db8::1", "unix"]);
});

Deno.test("liveChart() has round marks, and gaps where there was nothing", () => {
  const spec = { title: "a", summary: "b", names: [], text: String, below: ["then", "now"] } as const;
  const html = liveChart({ ...spec, lines: [[10, 523, null, 7]] });
  assertMatch(html, />600<.*>300<.*>0</s);
  assertMatch(html, /d="M116 98\.3L117 12\.8M119 98\.8h0"/);
  assertMatch(liveChart({ ...spec, lines: [[18, 830]], isLog: true }), />1000<.*>100<.*>10</s);
});

/** A screen that is open, on 127.0.0.1. */
function open(tokenFile?: string): { page: ReturnType<Screen["open"]>; screen: Screen } {
  const screen = new Screen({ ...facts, language: "en", stats: new Stats() });
  return { screen, page: screen.open({ host: "127.0.0.1", port: 0, tokenFile }) };
}

Deno.test("Screen answers with a page that forbids all but its own script", async () => {
  const { page } = open();
  await using _page = page;
  const response = await fetch(`${page.url}?lang=ru&theme=dark`);
  const html = await response.text();
  assertEquals(response.headers.get("content-security-policy"), "frame-ancestors 'none'");
  assertMatch(
    html,
    /<html lang="ru">.*default-src 'none'; style-src 'sha256-[^']+'; script-src 'self'; connect-src 'self'/s,
  );
  assertMatch(html, /<header data-theme="dark">.*<\/main>\n<script src="page\.js"><\/script>/s);
  assertNotMatch(html, / style=| on\w+=/);
  const script = await fetch(new URL("page.js", page.url));
  assertEquals([script.headers.get("content-type"), (await script.text()).slice(0, 14)], [
    "text/javascript; charset=utf-8",
    `"use strict";\n`,
  ]);
});

Deno.test("Screen sends what has changed, and ends its streams when it is closed", async () => {
  const { page, screen } = open();
  const stream = (await fetch(new URL("events", page.url))).body?.pipeThrough(new TextDecoderStream()).getReader();
  assert(stream !== undefined);
  assertMatch((await stream.read()).value ?? "", /^data: \{"figures":.*"frames":.*\}\n\n$/);
  screen.begin(["127.0.0.1:9090"], () => seen());
  assertMatch((await stream.read()).value ?? "", /^data: \{"figures":[^\n]*Anna[^\n]*\}\n\n$/);
  await page[Symbol.asyncDispose]();
  assertEquals((await stream.read()).done, true);
});

Deno.test("Screen turns away viewers over its bound, and goes on", async () => {
  const { page } = open();
  await using _page = page;
  const streams: Response[] = [];
  for (let viewer = 0; viewer < 40; viewer++) streams.push(await fetch(new URL("events", page.url)));
  assertEquals(streams.filter(({ status }) => status === 503).length, 8);
  assertEquals((await (await fetch(page.url)).text()).slice(0, 15), "<!doctype html>");
  for (const { body } of streams) await body?.cancel();
});

Deno.test("Screen with a token shows nothing without, and takes it from an address, a cookie, a header", async () => {
  const file = await Deno.makeTempFile();
  const token = "a-token-of-16-or-more";
  Deno.writeTextFileSync(file, `${token}\n`);
  Deno.chmodSync(file, 0o600);
  const { page } = open(file);
  await using _page = page;
  assertEquals(page.isSecret, false);
  const ask = async (path: string, headers = {}): Promise<[number, string]> => {
    const response = await fetch(new URL(path, page.url), { headers, redirect: "manual" });
    return [response.status, await response.text()];
  };
  for (const path of ["", "events", "page.js", "?token=wrong", "other"]) {
    const [status, text] = await ask(path);
    assertEquals([status, /name="token"/.test(text)], [403, true], path);
  }
  const welcome = await fetch(new URL(`?token=${token}&lang=ru`, page.url), { redirect: "manual" });
  await welcome.body?.cancel();
  const cookie = welcome.headers.get("set-cookie") ?? "";
  assertEquals([welcome.status, welcome.headers.get("location")], [303, "/?lang=ru"]);
  assertMatch(cookie, /; HttpOnly; SameSite=Lax$/);
  assertEquals((await ask("", { cookie: cookie.split(";")[0] }))[0], 200);
  assertEquals((await ask("page.js", { authorization: `Bearer ${token}` }))[0], 200);
  assertEquals((await ask("", { cookie: cookie.split(";")[0]?.replace(/.$/, "") }))[0], 403);
  await Deno.remove(file);
});

Deno.test("Screen away from loopback makes a token, another one each time", async () => {
  const urls = [];
  for (const _ of [1, 2]) {
    const screen = new Screen({ ...facts, language: "en", stats: new Stats() });
    await using page = screen.open({ host: "0.0.0.0", port: 0, tokenFile: undefined });
    assertEquals(page.isSecret, true);
    urls.push(new URL(page.url).searchParams.get("token"));
    const response = await fetch(`http://127.0.0.1:${new URL(page.url).port}/`);
    await response.body?.cancel();
    assertEquals(response.status, 403);
  }
  assertMatch(urls[0] ?? "", /^[\w-]{22}$/);
  assert(urls[0] !== urls[1]);
});

Deno.test("readToken() refuses what others can read, and what is too short", async () => {
  const file = await Deno.makeTempFile();
  Deno.writeTextFileSync(file, "short");
  Deno.chmodSync(file, 0o600);
  assertThrows(() => readToken(file), Error, "16 to 128");
  Deno.chmodSync(file, 0o644);
  assertThrows(() => readToken(file), Error, "other users can read it");
  await Deno.remove(file);
});
