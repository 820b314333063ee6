/** fast-check, which only tests need: locked in tests/deno.lock, so that it does not end up in the binaries. */
export { default } from "npm:fast-check@4.10.2";
