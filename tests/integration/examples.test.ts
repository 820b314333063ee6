/** The files of docs/examples: what is in them is taken by the programs that they are for. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { isServed } from "../support/net.ts";
import { inRepository } from "../support/repository.ts";
import { isInstalled, runProgram, runTool, startServer, tempDir, toolPath } from "../support/tools.ts";

async function example(path: string): Promise<string> {
  return await Deno.readTextFile(inRepository(`docs/examples/${path}`));
}

const programs: readonly (readonly [string, readonly string[], string])[] = [
  ["haproxy", ["-c", "-f"], "balancers/haproxy.cfg"],
  ["nginx", ["-t", "-q", "-c"], "balancers/nginx.conf"],
  ["promtool", ["check", "rules"], "prometheus/alerts.yml"],
  ["systemd-analyze", ["--man=no", "verify"], "systemd/echo-server.socket"],
];
/** nginx without its module for TCP takes nothing of ours. */
const hasStream = isInstalled("nginx") &&
  (await runProgram("sh", [
      "-c",
      "ls /etc/nginx/modules-enabled/*stream* || nginx -V 2>&1 | grep -e --with-stream$ -e '--with-stream '",
    ])).code === 0;

for (const [program, args, path] of programs) {
  const isHere = program === "nginx" ? hasStream : isInstalled(program);
  Deno.test(`${program} takes docs/examples/${path}`, { ignore: !isHere }, async () => {
    using folder = tempDir();
    // systemd-analyze looks for the service beside the socket, and for what it runs.
    const unit = (await example("systemd/echo-server.service")).replace("/usr/local/bin/echo-server", "/bin/true");
    await Deno.writeTextFile(folder.at("echo-server.service"), unit);
    const name = path.split("/").at(-1) ?? "";
    await Deno.writeTextFile(folder.at(name), await example(path));
    const { code, stdout, stderr } = await runProgram(program, [...args, folder.at(name)]);
    assertEquals(code, 0, stdout + stderr);
    if (program === "systemd-analyze") assertEquals(stdout + stderr, "");
  });
}

Deno.test({
  name: "the hardened service exposes little, as systemd counts it",
  ignore: !isInstalled("systemd-analyze"),
  async fn() {
    const path = inRepository("docs/examples/systemd/echo-server.service");
    const { stdout } = await runProgram("systemd-analyze", ["security", "--offline=yes", "--no-pager", path]);
    assert(Number(/exposure level for echo-server\.service: ([\d.]+)/.exec(stdout)?.[1]) <= 1.5, stdout);
  },
});

Deno.test("the server takes the options of the container image and of the Kubernetes manifest", async () => {
  using folder = tempDir();
  const image = await example("container/Containerfile");
  const entry: string[] = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(image)?.[1] ?? "");
  const command: string[] = JSON.parse(/^CMD (.*)$/m.exec(image)?.[1] ?? "");
  const manifest = await example("kubernetes/echo-server.yaml");
  const args = [...manifest.matchAll(/^ {12}- (--\S+)$/gm)].map(([, arg = ""]) => arg);
  assert(args.length > 3);
  for (const more of [command, args]) {
    const { code, stderr } = await runTool("echo-server", [
      ...[...entry.slice(1, -1), folder.path],
      ...[...more, "--check-config"],
    ]);
    assertEquals([code, stderr], [0, ""]);
  }
});

Deno.test("the health check of the image tells a server that echoes from one that is not there", async () => {
  const image = await example("container/Containerfile");
  const [tool, ...check]: string[] = JSON.parse(/^HEALTHCHECK .*CMD (.*)$/m.exec(image)?.[1] ?? "");
  assertEquals(tool, "echo-client");
  await using server = await startServer();
  const to = (port: number): string[] => check.map((word) => word === "127.0.0.1:9090" ? `127.0.0.1:${port}` : word);
  assertEquals((await runTool("echo-client", to(server.port))).code, 0);
  await server.stop();
  assertEquals((await runTool("echo-client", to(server.port))).code, 69);
});

Deno.test("a variable that Kubernetes sets for a service called echo is no port", async () => {
  await using server = await startServer({ env: { ECHO_PORT: "tcp://10.0.0.1:9090" }, args: ["--port", "0"] });
  assert(await isServed(server.port));
  const { code } = await runTool("echo-server", ["--no-input", "--check-config"], {
    env: { ECHO_PORT: "tcp://10.0.0.1:9090" },
  });
  assertEquals(code, 0);
});

/** Nothing may be written but /dev/shm; a user without rights; no network but loopback. */
const READ_ONLY = [
  "bwrap",
  "--ro-bind",
  "/",
  "/",
  "--dev",
  "/dev",
  "--unshare-user",
  "--uid",
  "65532",
  "--die-with-parent",
];

Deno.test({
  name: "with --log - a server whose whole system is read-only serves",
  ignore: !isInstalled("bwrap") ||
    !new Deno.Command("bwrap", { args: [...READ_ONLY.slice(1), "true"], stderr: "null" }).outputSync().success,
  async fn() {
    const [program = "", ...args] = READ_ONLY;
    const child = new Deno.Command(program, {
      args: [...args, toolPath("echo-server"), "--no-input", "--port", "0", "--log", "-", "--data", "/nonexistent"],
      ...{ stdin: "null", stdout: "piped", stderr: "null", env: { LC_ALL: "C" } },
    }).spawn();
    let text = "";
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += part;
      const port = /Listening on 127\.0\.0\.1:(\d+)\n/.exec(text)?.[1];
      if (port !== undefined && !text.includes("client connected")) assert(await isServed(Number(port)));
      if (/client left/.test(text)) child.kill("SIGTERM");
    }
    await child.status;
    assertMatch(text, /server starts/);
    assertMatch(text, /client left reason=end/);
  },
});
