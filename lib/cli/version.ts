/**
 * Which version this is. By itself, so that a start does not load what help is made of.
 *
 * @module
 */
import manifest from "../../deno.json" with { type: "json" };

/** Of both tools. */
export const VERSION: string = manifest.version;
