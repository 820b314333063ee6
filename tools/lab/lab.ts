// deno-lint-ignore-file no-console -- a demonstration prints
/**
 * What every demonstration of the lab has: a language, and a place to draw.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { environment } from "../../lib/cli/environment.ts";
import { type Figures, figuresIn } from "../../lib/cli/format.ts";
import { type Language, languageFrom } from "../../lib/cli/texts.ts";

/** Texts of a demonstration, by language. */
export type Texts<Key extends string> = Readonly<Record<Language, Readonly<Record<Key, string>>>>;

/** Says a text of the demonstration with its values filled in. */
export type Say<Key extends string> = (key: Key, values?: Readonly<Record<string, string | number>>) => string;

/** Texts in the language of `--lang`, or of the locale. */
export function speaker<Key extends string>(texts: Texts<Key>): Say<Key> {
  const catalogue = texts[language()];
  return (key, values = {}) => catalogue[key].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** Figures in the reader's language. */
export function figures(): Figures {
  return figuresIn(language());
}

function language(): Language {
  const { lang } = parseArgs(Deno.args, { string: ["lang"] });
  return languageFrom(typeof lang === "string" ? lang : undefined, environment);
}

/** Prints a line of the picture. */
export function draw(line = ""): void {
  console.log(line);
}

/** Prints what comes next, underlined. */
export function heading(text: string): void {
  draw(`\n${text}\n${"─".repeat([...text].length)}`);
}

/** A text cut or filled to `width` columns. */
export function column(text: string, width: number): string {
  return [...text].slice(0, width).join("").padEnd(width);
}

/** Bytes as `68 69`. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** Writes all of it: the kernel takes as much as it likes at a time. */
export async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** Both ends of a TCP connection on this machine. */
export interface Ends extends Disposable {
  readonly client: Deno.TcpConn;
  readonly server: Deno.TcpConn;
}

/** Connects to itself, as a client and a server on one machine would. */
export async function connectedEnds(): Promise<Ends> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [client, server] = await Promise.all([Deno.connect({ port: listener.addr.port }), listener.accept()]);
  client.setNoDelay(true);
  return {
    client,
    server,
    [Symbol.dispose](): void {
      client.close();
      server.close();
    },
  };
}
