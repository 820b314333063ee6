/**
 * The fields of a SCRAM message (RFC 5802, section 5.1), read leniently: what is to be explained may be wrong.
 *
 * @module
 */
import type { Field } from "./events.ts";
import { MASK } from "./byte_view.ts";

/** Fields that are no secret. Proof and signature let their reader guess the password offline; others may be anything. */
const HARMLESS = new Set(["n", "r", "c", "s", "i", "e"]);

/**
 * The fields in their order; `gs2` is the client-first message's header.
 *
 * @param mask Whether all is masked that is not known to be harmless, as proof and signature are not.
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
    return { key, value: mask && !HARMLESS.has(key) ? MASK : part.slice(2) };
  });
  return gs2 === "" ? fields : [{ key: "gs2", value: gs2 }, ...fields];
}
