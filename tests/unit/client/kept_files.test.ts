// What the client keeps between two runs, where somebody has been at it.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConfigError, EchoError } from "../../../lib/base/errors.ts";
import { KnownServers } from "../../../lib/client/known_servers.ts";
import { type KeptToken, TokenStore } from "../../../lib/client/token_store.ts";

const SERVER = "127.0.0.1:9090";
const TOKEN: KeptToken = { server: SERVER, user: "anna", token: "es1.a.b", expires: 1, tls: false };
const ignore = Deno.build.os === "windows";

interface Kept {
  readonly folder: string;
  /** Of the token. */
  readonly path: string;
  readonly tokens: TokenStore;
  readonly known: KnownServers;
  /** Of the servers. */
  readonly list: string;
}

function fifo(path: string): void {
  new Deno.Command("mkfifo", { args: [path] }).outputSync();
}

async function withKept(use: (kept: Kept) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  const folder = `${root}/sessions`;
  const list = `${root}/known_servers.json`;
  try {
    const [tokens, known] = [new TokenStore(folder), new KnownServers(list)];
    await tokens.save(TOKEN);
    known.remember(SERVER, { user: "anna", rounds: 600_000 });
    const [{ name } = { name: "" }] = Deno.readDirSync(folder);
    await use({ folder, path: `${folder}/${name}`, tokens, known, list });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** What somebody may have done, and what the refusal is called. */
const CHANGES: readonly (readonly [string, string, (kept: Kept) => void])[] = [
  ["a token that others can read", "readable", ({ path }) => Deno.chmodSync(path, 0o644)],
  ["a folder that others can write", "writable", ({ folder }) => Deno.chmodSync(folder, 0o777)],
  ["a link for a token", "symlink", ({ path, folder }) => {
    Deno.renameSync(path, `${folder}/elsewhere`);
    Deno.symlinkSync(`${folder}/elsewhere`, path);
  }],
  ["a FIFO among the tokens", "not_regular", ({ folder }) => fifo(`${folder}/x.json`)],
  ["another user's token", "owner", ({ path }) => Deno.chownSync(path, 65534, 65534)],
];

for (const [name, problem, change] of CHANGES) {
  Deno.test({
    name: `TokenStore refuses ${name}`,
    ignore: ignore || (problem === "owner" && Deno.uid() !== 0),
    fn: () =>
      withKept(async (kept) => {
        assertEquals(await kept.tokens.find(SERVER), TOKEN);
        change(kept);
        const error = await assertRejects(() => kept.tokens.find(SERVER), ConfigError);
        assertEquals(error.details["problem"], problem);
        if (problem === "writable") await assertRejects(() => kept.tokens.save(TOKEN), ConfigError);
      }),
  });
}

const LISTS: readonly (readonly [string, string, (path: string) => void])[] = [
  ["that others can write", "writable", (path) => Deno.chmodSync(path, 0o666)],
  ["that is a FIFO", "not_regular", (path) => (Deno.removeSync(path), fifo(path))],
  ["that is a folder", "not_regular", (path) => (Deno.removeSync(path), Deno.mkdirSync(path))],
  ["that is broken", "not_as_written", (path) => Deno.writeTextFileSync(path, "{broken")],
  ["with other values", "not_as_written", (path) => Deno.writeTextFileSync(path, '{"x anna": "1"}')],
  ["without end", "not_as_written", (path) => Deno.truncateSync(path, 2 ** 40)],
];

for (const [name, problem, change] of LISTS) {
  Deno.test({
    name: `KnownServers refuses a file ${name}`,
    ignore,
    fn: () =>
      withKept(({ known, list }) => {
        assertEquals(known.rounds(SERVER, "anna"), 600_000);
        change(list);
        for (
          const use of [() => known.rounds(SERVER, "anna"), () => known.remember(SERVER, { user: "b", rounds: 1 })]
        ) {
          assertEquals(assertThrows(use, EchoError).details["problem"], problem);
        }
        return Promise.resolve();
      }),
  });
}
