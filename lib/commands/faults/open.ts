/**
 * Faults for a command: from its options to a plan, which a file that is read again, or a line that is typed, may change.
 *
 * @module
 */
import { FaultyConn } from "./faulty_conn.ts";
import type { FramesOptions } from "./frames.ts";
import { openResetter } from "./hard_reset.ts";
import type { FaultName } from "./pieces.ts";
import { type ConnectionStrike, FaultPlan } from "./plan.ts";
import { chosenFaults, type FaultChoice } from "./scenarios.ts";
import { parseFault } from "./settings.ts";
import type { Translate } from "./texts.ts";

/** Faults that are open; what is disposed of resets no connection any more. */
export interface OpenFaults extends Disposable {
  readonly plan: FaultPlan;
  /** Sets what is chosen now, the file read again. */
  reload(choice: FaultChoice): Promise<void>;
  /** Sets what a line says: faults apart by `;`, `off` for none, `scenario NAME`; false where it is empty. */
  type(line: string): Promise<boolean>;
}

/** What a plan needs beside what is chosen. */
interface OpenFaultsOptions extends FramesOptions {
  readonly seed: number | undefined;
  readonly onStrike: (strike: ConnectionStrike) => void;
}

/** Opens them. Throws what {@linkcode chosenFaults} throws. */
export async function openFaults(choice: FaultChoice, options: OpenFaultsOptions): Promise<OpenFaults> {
  const specs = await chosenFaults(choice);
  const resetter = openResetter();
  const seed = options.seed ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const plan = new FaultPlan({ ...options, specs, seed, reset: resetter.reset });
  await warmUp(options);
  return {
    plan,
    reload: async (choice) => plan.change(await chosenFaults(choice)),
    type: async (line) => {
      const text = line.trim().replace(/^faults?\s+(?!=)/, "");
      const [, scenario] = /^scenario\s+(\S+)$/.exec(text) ?? [];
      if (text === "") return false;
      if (scenario !== undefined) plan.change(await chosenFaults({ ...choice, fault: [], scenario }));
      else if (/^(off|none|clear)$/i.test(text)) plan.change([]);
      else plan.change(text.split(/\s*;\s*/).filter(Boolean).map(parseFault));
      return true;
    },
    [Symbol.dispose]: () => resetter[Symbol.dispose](),
  };
}

/** The first bytes must not wait for what is loaded and compiled with them: that took 20 ms, a fifth of a usual latency. */
async function warmUp({ framing, maxFrame }: FramesOptions): Promise<void> {
  const specs = [parseFault("both:latency=1ms,rate=1GiB/s,split=1B,gap=0,flip=1%")];
  const plan = new FaultPlan({ specs, framing, maxFrame, seed: 0, reset: () => false, onStrike: () => {} });
  const written = Promise.withResolvers<void>();
  const conn = new FaultyConn({
    ...{ read: () => Promise.resolve(null), write: (bytes) => Promise.resolve(bytes.length), close: () => {} },
    ...{ closeWrite: () => Promise.resolve(written.resolve()), remoteAddr: { transport: "unix", path: "" } },
  }, { plan, connection: 0, write: "down" });
  await conn.write(Uint8Array.of(0, 0, 0, 1, 0));
  await conn.closeWrite();
  conn.close();
  await written.promise;
}

/** What is on now, for people. */
export function planText({ texts, seed }: FaultPlan, t: Translate): string {
  return texts.length === 0 ? t("fault.off") : t("fault.on", { faults: texts.join("; "), seed });
}

/** What a strike does, for people. */
export function strikeText({ fault, ms, ...numbers }: StrikeNumbers, t: Translate): string {
  const key = fault === "stall" && ms === undefined ? "fault.stall.forever" as const : `fault.${fault}` as const;
  return t(key, { ...numbers, ms: ms ?? 0 });
}

type StrikeNumbers = Pick<ConnectionStrike, "ms" | "bytes" | "pieces" | "frame" | "byte" | "bit"> & {
  readonly fault: FaultName;
};
