import { assertEquals, assertRejects } from "@std/assert";
import { StorageError, UsageError } from "../../../lib/base/errors.ts";
import { WorkerClient } from "../../../lib/store/worker_client.ts";

function crashing(): WorkerClient {
  const url = new URL("../../support/store_crash_worker.ts", import.meta.url);
  return new WorkerClient(new Worker(url, { type: "module" }), "data/echo.db");
}

Deno.test("WorkerClient call() is refused when the worker dies, before and after", async () => {
  const client = crashing();
  assertEquals(await client.call("version"), 1);
  const calls = [client.call("listUsers"), client.call("listHosts"), client.call("version")];
  await Promise.allSettled(calls);
  for (const call of calls) {
    const error = await assertRejects(
      () => call,
      StorageError,
      "Cannot write data/echo.db: the storage worker has died (",
    );
    assertEquals([error.code, error.message.includes("died of listUsers")], ["cannot_write", true]);
  }
  await assertRejects(() => client.call("version"), StorageError, "has died");
  assertEquals(client.ended, true);
});

Deno.test("WorkerClient call() is refused when the worker cannot be loaded", async () => {
  const url = new URL("./no_such_worker.ts", import.meta.url);
  const client = new WorkerClient(new Worker(url, { type: "module" }), "data/echo.db");
  await assertRejects(() => client.call("version"), StorageError, "has died");
});

Deno.test("WorkerClient end() refuses what waits and what comes", async () => {
  const client = crashing();
  const waiting = assertRejects(
    () => client.call("version"),
    UsageError,
    "Cannot use data/echo.db: the store is closed",
  );
  client.end();
  client.end();
  await waiting;
  await assertRejects(() => client.call("version"), UsageError);
});

Deno.test("WorkerClient call() is refused with the reason when the opening is given up", async () => {
  const client = crashing();
  const waiting = assertRejects(() => client.call("open", "data"), DOMException, "aborted");
  client.end(AbortSignal.abort().reason);
  await waiting;
});
