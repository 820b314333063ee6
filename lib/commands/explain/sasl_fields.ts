/**
 * The fields of a SCRAM message (RFC 5802, section 5.1), read leniently: what is to be explained may be wrong.
 *
 * @module
 */
import type { Field } from "./events.ts";
import { MASK } from "./byte_view.ts";

/** Fields that let their reader guess the password offline. */
const SECRET = new Set(["p", "v"]);

/**
 * The fields in their order; `gs2` is the client-first message's header.
 *
 * @param mask Whether proof and signature are masked.
 *
 * @example
 * ```ts
 * import { saslFields } from "./sasl_fields.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(saslFields("n,,n=anna,r=abc", true).map(({ key, value }) => `${key}=${value}`), [
 *   "gs2=n,,",
 *   "n=anna",
 *   "r=abc",
 * ]);
 * ```
 */
export function saslFields(message: string, mask: boolean): Field[] {
  const gs2 = /^(?:[ny]|p=[^,]*),[^,]*,/.exec(message)?.[0] ?? "";
  const fields = message.slice(gs2.length).split(",").map((part): Field => {
    const key = /^[A-Za-z](?==)/.exec(part)?.[0];
    // Another mechanism's: it may be the password itself.
    if (key === undefined) return { key: "?", value: mask ? MASK : part };
    return { key, value: mask && SECRET.has(key) ? MASK : part.slice(2) };
  });
  return gs2 === "" ? fields : [{ key: "gs2", value: gs2 }, ...fields];
}
