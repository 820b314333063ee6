/**
 * `echo-client explain` as a process between a client and a server.
 *
 * @module
 */
import { toolPath, until } from "./tools.ts";

/** `echo-client explain` in front of a port, with a line of its input for each call of `type`. */
export async function explain(port: number, ...args: string[]): Promise<
  AsyncDisposable & {
    readonly port: number;
    readonly text: () => string;
    readonly type: (line: string) => Promise<void>;
  }
> {
  const child = new Deno.Command(toolPath("echo-client"), {
    args: ["explain", `127.0.0.1:${port}`, "--listen", "0", "--lang", "en", ...args],
    ...{ stdin: "piped", stdout: "piped", stderr: "inherit", env: { LC_ALL: "C" } },
  }).spawn();
  let text = "";
  const printed = (async (): Promise<void> => {
    for await (const part of child.stdout) text += new TextDecoder().decode(part);
  })();
  const input = child.stdin.getWriter();
  await until(() => /127\.0\.0\.1:\d+/.exec(text) ?? undefined, "the port");
  return {
    port: Number(/127\.0\.0\.1:(\d+)/.exec(text)?.[1]),
    text: () => text,
    type: async (line) => await input.write(new TextEncoder().encode(`${line}\n`)),
    [Symbol.asyncDispose]: async () => {
      await input.close();
      child.kill("SIGTERM");
      await Promise.all([child.status, printed]);
    },
  };
}
