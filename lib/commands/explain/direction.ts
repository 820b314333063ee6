/**
 * The two ends of a connection, as captures have them, too.
 *
 * @module
 */
export { type BothDirections, type Direction, opposite } from "../capture/direction.ts";
