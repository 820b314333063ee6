import { assertEquals } from "@std/assert";
import { portsAtRest } from "../../../../lib/commands/grading/processes.ts";
import { socketsIn } from "../../../../lib/commands/grading/socket_lists.ts";

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

function row(local: string, state: string, at = 0): string {
  return `   ${at}: 0100007F:${local} 0100007F:C0DE ${state} 00000000:00000000 00:00000000 00000000     0        0 1 1\n`;
}

Deno.test("portsAtRest() names ports in TIME_WAIT, but none on which somebody listens", () => {
  const list = HEAD + row("2382", "06") + row("2382", "06", 1) + row("1F90", "0A", 2) + row("1F90", "06", 3) +
    row("2383", "01", 4);
  assertEquals(portsAtRest(socketsIn(list)), [0x2382]);
});
