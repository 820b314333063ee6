// Types of the @std modules in use. Their npm build has none (docs/adr/0001-dependencies.md); this file wins over module
// resolution, and can go on the day the import map in deno.json points to JSR.

declare module "@std/assert" {
  export class AssertionError extends Error {}
  export function assert(expr: unknown, msg?: string): asserts expr;
  export function assertEquals<T>(actual: T, expected: T, msg?: string): void;
  export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void;
  export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T;
  export function assertMatch(actual: string, expected: RegExp, msg?: string): void;
  export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void;
  export function assertStringIncludes(actual: string, expected: string, msg?: string): void;
  export function assertGreater<T>(actual: T, expected: T, msg?: string): void;
  export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void;
  export function assertLess<T>(actual: T, expected: T, msg?: string): void;
  export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void;
  export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T>;
  export function assertInstanceOf<T>(
    actual: unknown,
    expectedType: abstract new (...args: never[]) => T,
    msg?: string,
  ): asserts actual is T;
  export function assertObjectMatch(
    actual: Record<PropertyKey, unknown>,
    expected: Record<PropertyKey, unknown>,
    msg?: string,
  ): void;
  export function assertThrows<E extends Error = Error>(
    fn: () => unknown,
    errorClass: abstract new (...args: never[]) => E,
    msgIncludes?: string,
    msg?: string,
  ): E;
  export function assertRejects<E extends Error = Error>(
    fn: () => PromiseLike<unknown>,
    errorClass: abstract new (...args: never[]) => E,
    msgIncludes?: string,
    msg?: string,
  ): Promise<E>;
  export function fail(msg?: string): never;
}

declare module "@std/async/deadline" {
  export function deadline<T>(promise: Promise<T>, ms: number, options?: { signal?: AbortSignal }): Promise<T>;
}

declare module "@std/cli/parse-args" {
  export interface ParseOptions {
    readonly boolean?: readonly string[];
    readonly string?: readonly string[];
    readonly collect?: readonly string[];
    readonly negatable?: readonly string[];
    readonly alias?: Readonly<Record<string, string>>;
    readonly stopEarly?: boolean;
    readonly "--"?: boolean;
    readonly unknown?: (arg: string, key?: string, value?: unknown) => unknown;
  }
  export function parseArgs(
    args: readonly string[],
    options?: ParseOptions,
  ): Record<string, unknown> & { _: unknown[] };
}

declare module "npm:deno-std@1.4.0/crypto/timing_safe_equal.js" {
  export function timingSafeEqual(a: ArrayBufferView | ArrayBuffer, b: ArrayBufferView | ArrayBuffer): boolean;
}

declare module "@std/fmt/bytes" {
  export function format(num: number, options?: { binary?: boolean; maximumFractionDigits?: number }): string;
}

declare module "@std/path" {
  export function basename(path: string, suffix?: string): string;
  export function dirname(path: string): string;
  export function extname(path: string): string;
  export function globToRegExp(glob: string, options?: { extended?: boolean; globstar?: boolean }): RegExp;
  export function fromFileUrl(url: string | URL): string;
  export function join(...paths: string[]): string;
  export function relative(from: string, to: string): string;
  export function resolve(...paths: string[]): string;
}

declare module "@std/path/posix/join" {
  export function join(...paths: string[]): string;
}

declare module "@std/streams/text-line-stream" {
  export class TextLineStream extends TransformStream<string, string> {}
}

declare module "@std/text/closest-string" {
  export function closestString(givenWord: string, possibleWords: readonly string[]): string;
}

declare module "@std/text/levenshtein-distance" {
  export function levenshteinDistance(str1: string, str2: string): number;
}

// Of pg 8, which has no types of its own (docs/adr/0012-postgres.md).
declare module "pg" {
  /** What a connection is made with. */
  export interface ClientConfig {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
    readonly password: () => string | Promise<string>;
    readonly ssl: false | {
      readonly rejectUnauthorized: boolean;
      readonly ca?: string;
      readonly checkServerIdentity?: () => undefined;
    };
    readonly application_name: string;
    readonly options?: string;
    readonly keepAlive?: boolean;
    /** Milliseconds. */
    readonly connectionTimeoutMillis?: number;
    readonly query_timeout?: number;
  }
  export interface PoolConfig extends ClientConfig {
    readonly max?: number;
    readonly min?: number;
    readonly idleTimeoutMillis?: number;
    readonly onConnect?: (client: Client) => Promise<void>;
    readonly Client?: new () => Client;
  }
  export interface Query {
    readonly text: string;
    readonly values?: readonly unknown[];
    /** Prepares the statement once a connection. */
    readonly name?: string;
  }
  export interface Result {
    readonly rows: Record<string, unknown>[];
    readonly rowCount: number | null;
  }
  export class Client {
    constructor(config: ClientConfig);
    connect(): Promise<void>;
    query(query: Query): Promise<Result>;
    end(): Promise<void>;
    on(event: "error" | "notice", listener: (error: Error) => void): this;
    on(event: "notification" | "end", listener: () => void): this;
  }
  export interface PoolClient extends Client {
    /** With an error: the connection is not used again. */
    release(error?: Error | boolean): void;
  }
  export class Pool {
    constructor(config: PoolConfig);
    connect(): Promise<PoolClient>;
    query(query: Query): Promise<Result>;
    end(): Promise<void>;
    on(event: "error", listener: (error: Error) => void): this;
  }
  const pg: { readonly Client: typeof Client; readonly Pool: typeof Pool };
  export default pg;
}
