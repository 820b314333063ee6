/** Bytes through one direction with faults, and what struck. */
import { concat } from "../../../../lib/base/bytes.ts";
import type { Direction, FrameFaultOf, Piece, StreamFault, Strike } from "../../../../lib/commands/faults/pieces.ts";
import { type ConnectionStrike, FaultPlan } from "../../../../lib/commands/faults/plan.ts";
import { parseFault } from "../../../../lib/commands/faults/settings.ts";
import { type Framing, framingFrom } from "../../../../lib/framing/framing.ts";

const text = new TextDecoder();

/** A plan of some specs, and what struck by it. */
export function planOf(
  specs: readonly string[],
  seed = 1,
): { readonly plan: FaultPlan; readonly strikes: ConnectionStrike[] } {
  const strikes: ConnectionStrike[] = [];
  const plan = new FaultPlan({
    ...{ specs: specs.map(parseFault), seed, framing: framingFrom("raw"), maxFrame: 1024, reset: () => false },
    onStrike: (strike) => strikes.push(strike),
  });
  return { plan, strikes };
}

/** The direction `down` of the first connection. */
export function directionOf(spec: string, seed = 1): { readonly direction: Direction; readonly strikes: Strike[] } {
  const { plan, strikes } = planOf([spec], seed);
  return { direction: plan.direction(1, "down", { closing: new AbortController().signal }), strikes };
}

/** What a fault of streams makes of some texts, with the time of each piece since the beginning, in ms. */
export async function streamed(fault: StreamFault, spec: string, texts: readonly string[]): Promise<{
  readonly pieces: readonly { readonly text: string; readonly ms: number }[];
  readonly strikes: readonly Strike[];
  readonly error: unknown;
}> {
  const { direction, strikes } = directionOf(spec);
  const began = performance.now();
  const pieces: { text: string; ms: number }[] = [];
  let error: unknown;
  try {
    for await (const { bytes } of fault(given(texts), direction)) {
      pieces.push({ text: text.decode(bytes), ms: performance.now() - began });
    }
  } catch (thrown) {
    error = thrown;
  }
  return { pieces, strikes, error };
}

/** What a fault of frames makes of some payloads in frames of `u8`. */
export function framed(
  fault: FrameFaultOf,
  spec: string,
  { payloads, seed = 1, framing = framingFrom("u8") }: {
    readonly payloads: readonly string[];
    readonly seed?: number;
    readonly framing?: Framing;
  },
): { readonly bytes: readonly string[]; readonly strikes: readonly Strike[]; readonly isLast: boolean } {
  const { direction, strikes } = directionOf(spec, seed);
  const made = fault(direction, framing);
  const frames = payloads.flatMap((payload, at) => {
    const bytes = framing.encode(new TextEncoder().encode(payload));
    return made.pass({ number: at + 1, bytes, header: framing.headerSize ?? 0, trailer: framing.trailerSize });
  });
  const all = [...frames, ...made.release?.() ?? []];
  return {
    bytes: all.map(({ bytes }) => text.decode(bytes)),
    strikes,
    isLast: all.some(({ isLast }) => isLast === true),
  };
}

async function* given(texts: readonly string[]): AsyncGenerator<Piece> {
  for (const text of texts) {
    await Promise.resolve();
    yield { bytes: concat(new TextEncoder().encode(text)), at: performance.now() };
  }
}
