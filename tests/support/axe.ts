/** axe-core, which only tests need: locked in tests/deno.lock, so that it does not end up in the binaries. */
export { default } from "npm:axe-core@4.14.1";
