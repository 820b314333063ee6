import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { NetworkError, StorageError } from "../../../lib/base/errors.ts";
import { listen, type OpenListener } from "../../../lib/net/listen.ts";
import { writePortFile } from "../../../lib/server/port_file.ts";
import { tempDir } from "../../support/programs.ts";

const HOST = "127.0.0.1";

/** Listeners that are closed at the end of the test. */
async function opened(
  options: Partial<Parameters<typeof listen>[0]>,
): Promise<
  Disposable & { readonly all: readonly OpenListener[]; readonly busy: readonly number[]; readonly port: number }
> {
  const busy: number[] = [];
  const all = await listen({
    hosts: [HOST],
    port: 0,
    strictPort: false,
    onBusy: (port) => busy.push(port),
    ...options,
  });
  const port = all.flatMap(({ listener: { addr } }) => "port" in addr ? [addr.port] : [])[0] ?? 0;
  return { all, busy, port, [Symbol.dispose]: () => all.forEach(({ close }) => close()) };
}

Deno.test("listen() takes any free port for 0 and says where it is", async () => {
  using one = await opened({});
  assertEquals(one.all.map(({ address }) => address), [`${HOST}:${one.port}`]);
  assert(one.port > 0);
});

Deno.test("listen() tries the ports behind a busy one in order, and tells of each", async () => {
  using first = await opened({});
  using second = await opened({ port: first.port });
  using third = await opened({ port: first.port });
  assertEquals(second.busy[0], first.port);
  assertEquals(second.busy, Array.from({ length: second.port - first.port }, (_, at) => first.port + at));
  assertEquals(third.busy.slice(0, 2), [first.port, first.port + 1]);
  assert(third.port > second.port);
});

Deno.test("listen() with strictPort fails on a busy port", async () => {
  using first = await opened({});
  const strict = listen({ hosts: [HOST], port: first.port, strictPort: true });
  const error = await assertRejects(() => strict, NetworkError, `Cannot listen on ${HOST}:${first.port}`);
  assertEquals([error.code, error.details.address], ["port_busy", `${HOST}:${first.port}`]);
});

Deno.test("listen() takes any free port behind the last one there is", async () => {
  using last = await opened({ port: 65535 });
  using next = await opened({ port: 65535 });
  assertEquals(last.busy.length > 0 || last.port === 65535, true);
  assertEquals(next.busy, [65535]);
  assertNotEquals(next.port, 65535);
});

Deno.test("listen() is not fooled by a busy port of an address that includes its own", async () => {
  using all = Deno.listen({ hostname: "0.0.0.0", port: 0 });
  using open = await opened({ port: all.addr.port });
  assertNotEquals(open.port, all.addr.port);
});

Deno.test("listen() gives all hosts the same port, and closes those that succeeded when one fails", async () => {
  using both = await opened({ hosts: [HOST, "127.0.0.2"] });
  assertEquals(both.all.map(({ address }) => address), [`${HOST}:${both.port}`, `127.0.0.2:${both.port}`]);
  const failing = listen({ hosts: [HOST, "192.0.2.1"], port: 0, strictPort: false });
  const error = await assertRejects(() => failing, NetworkError);
  assertEquals(error.code, "address_unavailable");
});

for (
  const [hosts, taken] of [
    [["0.0.0.0", HOST], 1],
    [[HOST, "0.0.0.0"], 1],
    [[HOST, HOST], 1],
    [["localhost", HOST], 1],
    [[HOST, "127.0.0.2"], 2],
  ] as const
) {
  Deno.test(`listen() opens ${taken} of the hosts ${hosts.join(", ")}`, async () => {
    using open = await opened({ hosts: [...hosts] });
    assertEquals([open.all.length, open.busy], [taken, []]);
  });
}

Deno.test("listen() makes a Unix socket for its owner, and close() removes it", async () => {
  using dir = tempDir();
  {
    using open = await opened({ hosts: [`unix:${dir.at("s")}`] });
    assertEquals(open.all.map(({ address }) => address), [`unix:${dir.at("s")}`]);
    assertEquals((Deno.lstatSync(dir.at("s")).mode ?? 0) & 0o777, 0o600);
    assertEquals(Array.from(Deno.readDirSync(dir.path), ({ name }) => name), ["s"]);
  }
  assertEquals(Array.from(Deno.readDirSync(dir.path)), []);
});

Deno.test("listen() replaces a stale Unix socket, not a living one, and no other file", async () => {
  using dir = tempDir();
  const path = dir.at("s");
  const killed = Deno.listen({ transport: "unix", path: dir.at("first name") });
  Deno.renameSync(dir.at("first name"), path);
  killed.close();
  assertEquals(Deno.lstatSync(path).isSocket, true, "a socket that nobody listens on");
  using _living = await opened({ hosts: [`unix:${path}`] });
  const busy = await assertRejects(() => listen({ hosts: [`unix:${path}`], port: 0, strictPort: false }), NetworkError);
  assertEquals(busy.code, "port_busy");
  Deno.writeTextFileSync(dir.at("file"), "precious");
  const inTheWay = listen({ hosts: [`unix:${dir.at("file")}`], port: 0, strictPort: false });
  assertEquals((await assertRejects(() => inTheWay, StorageError)).code, "cannot_write");
  assertEquals(Deno.readTextFileSync(dir.at("file")), "precious");
});

Deno.test("listen() refuses a Unix socket that nobody could connect to", async () => {
  using dir = tempDir();
  const path = dir.at("x".repeat(108 - dir.path.length - 1));
  const error = await assertRejects(
    () => listen({ hosts: [`unix:${path}`], port: 0, strictPort: false }),
    StorageError,
    "at most 107 bytes",
  );
  assertEquals(error.code, "cannot_write");
  const longest = path.slice(0, 107);
  using _open = await opened({ hosts: [`unix:${longest}`] });
  (await Deno.connect({ transport: "unix", path: longest })).close();
});

Deno.test("writePortFile() writes the port in one step and removes it when disposed", async () => {
  using dir = tempDir();
  using open = await opened({});
  {
    using _file = writePortFile(dir.at("port"), open.all);
    assertEquals(Deno.readTextFileSync(dir.at("port")), `${open.port}\n`);
    assertEquals(Array.from(Deno.readDirSync(dir.path), ({ name }) => name), ["port"]);
  }
  assertEquals(Array.from(Deno.readDirSync(dir.path)), []);
});

Deno.test("writePortFile() has nothing to write for a Unix socket, or without a path", async () => {
  using dir = tempDir();
  using open = await opened({ hosts: [`unix:${dir.at("s")}`] });
  using _none = writePortFile(dir.at("port"), open.all);
  using _nowhere = writePortFile(undefined, open.all);
  assertEquals(Array.from(Deno.readDirSync(dir.path), ({ name }) => name), ["s"]);
});
