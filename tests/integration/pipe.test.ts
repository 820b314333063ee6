import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { hasProc, memoryOf } from "../support/net.ts";
import { PATIENCE, runTool, sharedServer, startServer, toolPath } from "../support/tools.ts";

/** For tests that only ask for its echo. */
const shared = await sharedServer();

const MIB = 1024 * 1024;

Deno.test("echo-client brings 100,000 lines of standard input back in order", async () => {
  await using server = await startServer();
  const lines = Array.from({ length: 100_000 }, (_, number) => `line ${number}\n`).join("");
  const { code, stdout, stderr } = await runTool("echo-client", [`:${server.port}`], { stdin: lines });
  assertEquals([code, stderr], [0, ""]);
  assert(stdout === lines, "every line, in order");
  await server.logged(/client left reason=end .* frames=100000 /);
});

Deno.test("echo-client brings lines back byte for byte, empty ones and a last one without end included", async () => {
  const { code, stdout } = await runTool("echo-client", [`:${shared.port}`], { stdin: "\n\r\n \t\nпривет\nlast" });
  assertEquals([code, stdout], [0, "\n\r\n \t\nпривет\nlast\n"]);
});

Deno.test("echo-client has nothing to do with empty input", async () => {
  assertEquals(await runTool("echo-client", [`:${shared.port}`], { stdin: "" }), { code: 0, stdout: "", stderr: "" });
});

Deno.test("echo-client answers a line while its input is still open", async () => {
  await using pipe = clientPipe(shared.port);
  for (const line of ["one\n", "two\n", "three\n"]) {
    await pipe.write(line);
    assertEquals(await pipe.read(line.length), line);
  }
  assertEquals(await pipe.end(), 0);
});

Deno.test({
  name: "echo-client needs no more memory for 64 MiB of lines than for a few",
  ignore: !hasProc,
  fn: async () => {
    await using pipe = clientPipe(shared.port);
    const line = `${"x".repeat(1023)}\n`;
    const stretch = line.repeat(1024);
    const pass = async (times: number): Promise<void> => {
      const writing = (async (): Promise<void> => {
        for (let time = 0; time < times; time++) await pipe.write(stretch);
      })();
      for (let time = 0; time < times; time++) assert(await pipe.read(stretch.length) === stretch);
      await writing;
    };
    await pass(16);
    const before = memoryOf(pipe.pid, "VmHWM");
    await pass(64);
    assertLess(memoryOf(pipe.pid, "VmHWM") - before, 40 * MIB);
    assertEquals(await pipe.end(), 0);
  },
});

Deno.test({
  name: "echo-client stops reading its input while nobody reads its output",
  ignore: !hasProc,
  fn: async () => {
    await using pipe = clientPipe(shared.port);
    const stretch = `${"y".repeat(1023)}\n`.repeat(1024);
    let written = 0;
    const writing = (async (): Promise<void> => {
      for (; written < 24; written++) await pipe.write(stretch);
    })();
    // Stopped: nothing more is taken for as long as another client needs for its whole run.
    for (let seen = -1; seen !== written;) {
      seen = written;
      await runTool("echo-client", ["-m", "x", `:${shared.port}`]);
    }
    assertLess(written, 12);
    for (let time = 0; time < 24; time++) assert(await pipe.read(stretch.length) === stretch);
    await writing;
    assertEquals(await pipe.end(), 0);
  },
});

Deno.test("echo-client refuses a line over its limit, with its number, after the echoes before it", async () => {
  const args = ["--max-frame", "10B", `:${shared.port}`];
  const { code, stdout, stderr } = await runTool("echo-client", args, { stdin: "short\n12345678901\nnever\n" });
  assertEquals([code, stdout], [64, "short\n"]);
  assertStringIncludes(stderr, "Line 2 of the input is longer than 10 bytes (--max-frame)");
});

/** A client whose input stays open. */
interface ClientPipe extends AsyncDisposable {
  readonly pid: number;
  write(text: string): Promise<void>;
  /** Reads that many bytes of the output. */
  read(bytes: number): Promise<string>;
  /** Ends the input; resolves to the exit code. */
  end(): Promise<number>;
}

function clientPipe(port: number): ClientPipe {
  const child = new Deno.Command(toolPath("echo-client"), {
    args: [`:${port}`],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
    env: { LC_ALL: "C" },
  }).spawn();
  const input = child.stdin.getWriter();
  const output = child.stdout.getReader({ mode: "byob" });
  let isOver = false;
  return {
    pid: child.pid,
    write: async (text) => await input.write(new TextEncoder().encode(text)),
    read: async (bytes) => {
      const { value } = await deadline(output.read(new Uint8Array(bytes), { min: bytes }), PATIENCE);
      return new TextDecoder().decode(value);
    },
    end: async () => {
      isOver = true;
      await input.close();
      return (await deadline(child.status, PATIENCE)).code;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      if (!isOver) child.kill("SIGKILL");
      if (!isOver) await input.abort().catch(() => {/* its reader is gone */});
      await output.cancel();
      await child.status;
    },
  };
}
