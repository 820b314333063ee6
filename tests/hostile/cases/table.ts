/**
 * The whole table.
 *
 * @module
 */
import type { HostileCase } from "../../support/hostile.ts";
import { AUTH_CASES } from "./auth.ts";
import { ECHO_CASES } from "./echo.ts";
import { SYSTEM_CASES } from "./system.ts";

/** Every case. */
export const CASES: readonly HostileCase[] = [...ECHO_CASES, ...AUTH_CASES, ...SYSTEM_CASES];
