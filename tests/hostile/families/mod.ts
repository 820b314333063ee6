/**
 * All families of the suite.
 *
 * @module
 */
import type { Family } from "../suite.ts";
import { MACHINE_FAMILIES } from "./machine.ts";
import { PEER_FAMILIES } from "./peers.ts";
import { TABLE_FAMILIES } from "./table.ts";
import { WIRE_FAMILIES } from "./wire.ts";

/** In the order of the table of results. */
export const FAMILIES: readonly Family[] = [...TABLE_FAMILIES, ...WIRE_FAMILIES, ...MACHINE_FAMILIES, ...PEER_FAMILIES];
