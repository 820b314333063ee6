// deno-lint-ignore-file no-console -- the transcript is what this program is for
/**
 * `deno task demo`: compiles both tools, starts `echo-server`, holds a conversation through `echo-client`, and prints
 * what a person at a terminal would see. Everything happens on loopback and in a temporary folder.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";

const root = fromFileUrl(new URL("..", import.meta.url));
const state = await Deno.makeTempDir({ prefix: "echo-demo-state-" });

async function main(): Promise<void> {
  await mustRun(Deno.execPath(), ["run", "-A", "tools/compile.ts"]);
  const data = await Deno.makeTempDir({ prefix: "echo-demo-" });
  const occupied = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    await transcript(data, (occupied.addr as Deno.NetAddr).port);
  } finally {
    occupied.close();
    for (const folder of [data, state]) await Deno.remove(folder, { recursive: true });
  }
}

async function transcript(data: string, busyPort: number): Promise<void> {
  heading("The server: its port is busy, so it takes the next one and says which");
  const { server, address } = await start(data, ["--port", String(busyPort)]);

  heading("A conversation: each message comes back, and is checked");
  await client(["-m", "Hello, server!", "-m", "Привет, мир! 👋", address]);

  heading("Every line of a pipe is a message; --json tells sizes and round-trip times");
  await client(["--json", address], "one\ntwo\nthree\n");

  heading("A client that leaves in the middle of a message disturbs nobody: the next one is served");
  const rude = await Deno.connect({ hostname: "127.0.0.1", port: Number(address.split(":")[1]) });
  await rude.write(Uint8Array.of(0, 0, 0, 9, 1, 2));
  rude.close();
  await client(["-m", "still there?", address]);

  heading("SIGTERM: sessions end in order, and the server with code 0");
  await stop(server);

  heading("Service messages are in the log file, none on the console");
  console.log("$ cat data/echo-server.log");
  console.log((await Deno.readTextFile(join(data, "echo-server.log"))).trimEnd());

  heading("Users: a new one registers once; after that the kept session logs in, until it is ended");
  const auth = await start(data, ["--mode", "auth", "--port", "0"]);
  await client(["login", "--user", "anna", "--register", "--password-stdin", auth.address], "correct horse\n");
  await client(["-m", "It is me again", auth.address]);
  await client(["whoami", auth.address]);
  await client(["logout", auth.address]);
  await stop(auth.server);
}

/** Starts a server in the background, and shows the command with its Listening line. */
async function start(data: string, args: readonly string[]): Promise<{ server: Deno.ChildProcess; address: string }> {
  console.log(`$ echo-server ${args.join(" ")} &`);
  const command = new Deno.Command(tool("echo-server"), {
    args: ["--no-input", "--data", data, ...args],
    stdout: "piped",
  });
  const server = command.spawn();
  const announced = await firstLine(server.stdout);
  console.log(announced);
  return { server, address: announced.replace("Listening on ", "") };
}

async function stop(server: Deno.ChildProcess): Promise<void> {
  console.log("$ kill %1; wait %1; echo $?");
  server.kill("SIGTERM");
  console.log((await server.status).code);
}

/** Runs the client, and shows the command with its output. */
async function client(args: readonly string[], input?: string): Promise<void> {
  const shown = args.map((arg) => /^[\w.:\/-]+$/.test(arg) ? arg : `'${arg}'`).join(" ");
  const pipe = input === undefined ? "" : `printf '${input.replaceAll("\n", "\\n")}' | `;
  console.log(`$ ${pipe}echo-client ${shown}`);
  await mustRun(tool("echo-client"), args, input);
}

async function mustRun(command: string, args: readonly string[], input?: string): Promise<void> {
  const child = new Deno.Command(command, {
    args: [...args],
    cwd: root,
    // Sessions of the demo stay in its own folder.
    env: { XDG_STATE_HOME: state },
    stdin: input === undefined ? "null" : "piped",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  if (input !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  }
  const { code } = await child.status;
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("The server ended before it listened");
    text += value;
  }
  reader.releaseLock();
  return text.split("\n")[0] ?? "";
}

function tool(name: string): string {
  return join(root, "dist", Deno.build.os === "windows" ? `${name}.exe` : name);
}

function heading(text: string): void {
  console.log(`\n# ${text}`);
}

if (import.meta.main) await main();
