/**
 * A browser without a window, over the Chrome DevTools Protocol: what a person sees of a page.
 *
 * @module
 */
import axe from "./axe.ts";
import { deadline } from "@std/async/deadline";
import { signalGroup } from "../../lib/commands/grading/processes.ts";
import { isInstalled, PATIENCE, tempDir, until } from "./programs.ts";

/** The browser, where there is one. */
export const BROWSER: string | undefined = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
  .find(isInstalled);

/** Sends commands of the Chrome DevTools Protocol over its WebSocket, and keeps the events that come. */
export class Page {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: Record<string, unknown>) => void>();
  readonly events: { method: string; params: Record<string, unknown> }[] = [];
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.id === undefined) this.events.push(message);
      else this.#waiting.get(message.id)?.(message.result ?? message.error);
    };
  }

  static async open(url: string): Promise<Page> {
    const socket = new WebSocket(url);
    const opened = Promise.withResolvers<void>();
    socket.onopen = () => opened.resolve();
    socket.onerror = () => opened.reject(new Error("The browser does not answer"));
    await deadline(opened.promise, PATIENCE);
    return new Page(socket);
  }

  async send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = ++this.#last;
    const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>();
    this.#waiting.set(id, resolve);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return await deadline(promise, PATIENCE);
  }

  /** The value of an expression in the page, or of its promise. */
  async value<T>(expression: string): Promise<T> {
    const { result } = await this.send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    return (result as { value: T }).value;
  }

  /** Looks at the page in another width and theme. */
  async look({ width, theme }: { readonly width: number; readonly theme: "light" | "dark" }): Promise<void> {
    await this.send("Emulation.setDeviceMetricsOverride", { width, height: 900, deviceScaleFactor: 1, mobile: false });
    await this.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: theme }] });
  }

  /** What of the page keeps somebody out (WCAG 2 A and AA among it), as axe-core finds. */
  async barriers(): Promise<string[]> {
    await this.value(`${axe.source}; undefined`);
    return await this.value(
      "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`))",
    );
  }

  async close(): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.#socket.onclose = () => closed.resolve();
    this.#socket.close();
    await deadline(closed.promise, PATIENCE);
  }
}

/** Opens a page in a browser of its own. */
export async function withPage(url: string, look: (page: Page) => Promise<void>): Promise<void> {
  using profile = tempDir();
  const child = new Deno.Command(BROWSER ?? "", {
    args: [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
      ...["--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0"],
      ...[`--user-data-dir=${profile.path}`, "--window-size=1000,800", "about:blank"],
    ],
    ...{ stdin: "null", stdout: "null", stderr: "null", detached: true },
  }).spawn();
  try {
    const port = await until(() => {
      try {
        // A line of its own, once it is written whole.
        return /^(\d+)\n/.exec(Deno.readTextFileSync(profile.at("DevToolsActivePort")))?.[1];
      } catch {
        return undefined;
      }
    }, "the browser");
    const targets: { type: string; webSocketDebuggerUrl: string }[] =
      await (await fetch(`http://127.0.0.1:${port}/json`))
        .json();
    const page = await Page.open(targets.find(({ type }) => type === "page")?.webSocketDebuggerUrl ?? "");
    await page.send("Page.enable");
    await page.send("Network.enable");
    await page.send("Log.enable");
    await page.send("Page.navigate", { url });
    await until(() => page.events.find(({ method }) => method === "Page.loadEventFired"), "the page");
    await look(page);
    await page.close();
  } finally {
    // What was started may be a script that has started the browser.
    signalGroup(child.pid, "SIGKILL");
    await child.status;
    // Its helper processes write on for a moment.
    await until(() => {
      try {
        Deno.removeSync(profile.path, { recursive: true });
        Deno.mkdirSync(profile.path);
        return true;
      } catch {
        return undefined;
      }
    }, "the browser's end");
  }
}
