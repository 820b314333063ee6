/**
 * All families of the suite.
 *
 * @module
 */
import type { Family } from "../suite.ts";
import { MACHINE_FAMILIES } from "./machine.ts";
import { OUTPUT_FAMILIES } from "./outputs.ts";
import { PEER_FAMILIES } from "./peers.ts";
import { RIVAL_FAMILIES } from "./rivals.ts";
import { TABLE_FAMILIES } from "./table.ts";
import { WIRE_FAMILIES } from "./wire.ts";

/** In the order of the table of results. */
export const FAMILIES: readonly Family[] = [
  ...TABLE_FAMILIES,
  ...WIRE_FAMILIES,
  ...MACHINE_FAMILIES,
  ...PEER_FAMILIES,
  ...RIVAL_FAMILIES,
  ...OUTPUT_FAMILIES,
];
