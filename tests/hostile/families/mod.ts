/**
 * All families of the suite.
 *
 * @module
 */
import type { Family } from "../suite.ts";
import { TABLE_FAMILIES } from "./table.ts";
import { WIRE_FAMILIES } from "./wire.ts";

/** In the order of the table of results. */
export const FAMILIES: readonly Family[] = [...TABLE_FAMILIES, ...WIRE_FAMILIES];
