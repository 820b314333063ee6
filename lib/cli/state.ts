import { join } from "@std/path";

/**
 * `$XDG_STATE_HOME/echo-client`, by default `~/.local/state/echo-client` (XDG Base Directory Specification 0.8);
 * `undefined` where there is no home.
 */
export function stateDirectory(environment: (name: string) => string | undefined): string | undefined {
  const state = environment("XDG_STATE_HOME");
  if (state?.startsWith("/")) return join(state, "echo-client");
  const home = environment("HOME") ?? environment("USERPROFILE");
  return home && /^(?:[a-z]:|[\\/])/i.test(home) ? join(home, ".local", "state", "echo-client") : undefined;
}
