/**
 * The main thread's answers to its workers: one entrance, one gate and one log for the clients of all of them.
 *
 * @module
 */
import type { Effect, Identity, ServerDialogue } from "../../protocol/server_dialogue.ts";
import type { TlsIdentity } from "../../net/certificate.ts";
import type { FrontDoor } from "../connection_limiter.ts";
import type { Gate } from "../authenticator.ts";
import type { Peer } from "../peer.ts";
import type { ServiceLog } from "../service_log.ts";
import type { GuestId, MainCalls } from "./calls.ts";

/** What all workers share. */
export interface ReceptionOptions {
  readonly entrance: FrontDoor;
  /** None in mode `echo`. */
  readonly gate?: Gate | undefined;
  readonly log: ServiceLog;
  /** What TLS clients are greeted with now. */
  readonly identity?: (() => TlsIdentity) | undefined;
  /** Tells the worker of another certificate. */
  readonly renew: (identity: TlsIdentity) => void;
  /** Ends waits early. */
  readonly signal: AbortSignal;
}

/** A client of a worker, as far as the main thread knows it. */
interface Guest {
  readonly peer: Peer;
  dialogue?: ServerDialogue;
  identity?: Identity;
  endTurn?: () => void;
}

/** The part of the reception that one worker talks to. */
export interface Desk {
  readonly calls: Omit<MainCalls, "draining">;
  /** Which of its clients are among those who were revoked. */
  revoked(isRevoked: (identity: Identity) => Promise<boolean>): Promise<GuestId[]>;
}

/** Opens a desk for the worker of that number. */
export function openDesk(worker: number, options: ReceptionOptions): Desk {
  const { entrance, gate, log, signal, identity, renew } = options;
  let greetedWith = identity?.();
  const guests = new Map<GuestId, Guest>();
  const guestOf = (id: GuestId): Guest => {
    const guest = guests.get(id);
    if (guest === undefined) throw new TypeError(`Cannot serve client ${id} of worker ${worker}: it is not in`);
    return guest;
  };
  const gateOf = (): Gate => {
    if (gate === undefined) throw new TypeError("Cannot talk to a client: this mode has no dialogue");
    return gate;
  };
  /** Once a client reads that it is in, another worker may have the next one at the door already: told then is too late. */
  const settled = (guest: Guest, effects: readonly Effect[]): readonly Effect[] => {
    if (effects.some(({ type }) => type === "accept")) entrance.settle(guest.peer);
    return effects;
  };
  const calls: Desk["calls"] = {
    enter(id, peer, isTalking) {
      const current = identity?.();
      // Ahead of the answer, and so in time for this client.
      if (current !== undefined && current !== greetedWith) renew(current);
      greetedWith = current;
      const denial = entrance.enter(peer, isTalking);
      if (denial === undefined) guests.set(id, { peer });
      return denial;
    },
    settle: (id) => entrance.settle(guestOf(id).peer),
    leave(id) {
      const guest = guestOf(id);
      guest.endTurn?.();
      guests.delete(id);
      entrance.leave(guest.peer);
    },
    learnDescriptorLimit: () => entrance.learnDescriptorLimit(),
    log: (level, event, fields) => log[level](event, event === "connect" ? { ...fields, worker } : fields),
    async greeting(id) {
      const guest = guestOf(id);
      guest.dialogue = gateOf().open(guest.peer);
      return settled(guest, await guest.dialogue.greeting());
    },
    async receive(id, message) {
      const guest = guestOf(id);
      if (guest.dialogue === undefined) throw new TypeError(`Cannot answer client ${id}: it has not been greeted`);
      return settled(guest, await guest.dialogue.receive(message));
    },
    turn(id) {
      const guest = guestOf(id);
      const turn = Promise.withResolvers<void>();
      void gateOf().inTurn(guest.peer, () => {
        turn.resolve();
        return new Promise<void>((resolve) => guest.endTurn = resolve);
      });
      return turn.promise;
    },
    endTurn: (id) => guestOf(id).endTurn?.(),
    fail: (id) => gateOf().failed(guestOf(id).peer, signal),
    admit: (id, identity) => gateOf().admitted(guestOf(id).peer, identity),
    async stands(id, identity) {
      const guest = guestOf(id);
      // Noted first: from here on a revocation finds the session, and what was revoked before is found now.
      guest.identity = identity;
      delete guest.dialogue;
      return await gateOf().stands(guest.peer, identity);
    },
    left: async (identity) => await gate?.left(identity),
  };
  return {
    calls,
    async revoked(isRevoked) {
      const found: GuestId[] = [];
      for (const [id, { identity }] of guests) if (identity && await isRevoked(identity)) found.push(id);
      return found;
    },
  };
}
