/**
 * The main thread's answers to its workers: one limiter, one authenticator and one log for the clients of all of them.
 *
 * @module
 */
import type { HeapKeeper } from "../../base/heap_keeper.ts";
import type { Effect, Identity, ServerDialogue } from "../../protocol/server_dialogue.ts";
import type { TlsIdentity } from "../../net/certificate.ts";
import type { LocalLimiter } from "../connection_limiter.ts";
import type { Authenticator } from "../authenticator.ts";
import type { Peer } from "../peer.ts";
import type { ServiceLog } from "../log.ts";
import type { ClientId, MainCalls } from "./calls.ts";

/** What all workers share. */
interface WorkerServicesOptions {
  readonly limiter: LocalLimiter;
  /** None in mode `echo`. */
  readonly authenticator?: Authenticator | undefined;
  readonly log: ServiceLog;
  /** Told of each client that has left. */
  readonly heap: HeapKeeper;
  /** What TLS clients are greeted with now. */
  readonly identity?: (() => TlsIdentity) | undefined;
  /** Tells the worker of another certificate. */
  readonly renew: (identity: TlsIdentity) => void;
  /** Ends waits early. */
  readonly signal: AbortSignal;
}

/** A client of a worker, as far as the main thread knows it. */
interface WorkerClient {
  readonly peer: Peer;
  dialogue?: ServerDialogue;
  identity?: Identity;
  endTurn?: () => void;
}

/** What one worker can ask of the main thread. */
export interface WorkerServices {
  readonly calls: Omit<MainCalls, "draining">;
  /** Which of its clients are among those who were revoked. */
  revoked(isRevoked: (identity: Identity) => Promise<boolean>): Promise<ClientId[]>;
}

export function openWorkerServices(worker: number, options: WorkerServicesOptions): WorkerServices {
  const { limiter, authenticator, log, heap, signal, identity, renew } = options;
  let greetedWith = identity?.();
  const clients = new Map<ClientId, WorkerClient>();
  const clientOf = (id: ClientId): WorkerClient => {
    const client = clients.get(id);
    if (client === undefined) throw new TypeError(`Cannot serve client ${id} of worker ${worker}: it is not in`);
    return client;
  };
  const authenticatorOf = (): Authenticator => {
    if (authenticator === undefined) throw new TypeError("Cannot talk to a client: this mode has no dialogue");
    return authenticator;
  };
  /** Once a client reads that it is in, another worker may have the next one at the door already: told then is too late. */
  const authenticated = (client: WorkerClient, effects: readonly Effect[]): readonly Effect[] => {
    if (effects.some(({ type }) => type === "accept")) limiter.markAuthenticated(client.peer);
    return effects;
  };
  const greet = async (id: ClientId): Promise<readonly Effect[]> => {
    const client = clientOf(id);
    client.dialogue = authenticatorOf().open(client.peer);
    return authenticated(client, await client.dialogue.greeting());
  };
  const calls: WorkerServices["calls"] = {
    enter(id, peer, isUnauthenticated) {
      const current = identity?.();
      // Ahead of the answer, and so in time for this client.
      if (current !== undefined && current !== greetedWith) renew(current);
      greetedWith = current;
      const denial = limiter.enter(peer, isUnauthenticated);
      if (denial !== undefined) return { denial };
      clients.set(id, { peer });
      if (authenticator === undefined || peer.isTls) return {};
      // What goes wrong with it is asked for again, and told, where the client's other troubles are.
      return greet(id).then((greeting) => ({ greeting }), () => ({}));
    },
    markAuthenticated: (id) => limiter.markAuthenticated(clientOf(id).peer),
    strand: (id) => limiter.strand(clientOf(id).peer),
    leave(id, wasStranded) {
      const client = clientOf(id);
      client.endTurn?.();
      clients.delete(id);
      limiter.leave(client.peer, wasStranded);
      heap.ended();
    },
    learnDescriptorLimit: () => limiter.learnDescriptorLimit(),
    log: (level, event, fields) => log[level](event, event === "connect" ? { ...fields, worker } : fields),
    greeting: greet,
    async receive(id, message) {
      const client = clientOf(id);
      if (client.dialogue === undefined) throw new TypeError(`Cannot answer client ${id}: it has not been greeted`);
      return authenticated(client, await client.dialogue.receive(message));
    },
    turn(id) {
      const client = clientOf(id);
      const turn = Promise.withResolvers<void>();
      void authenticatorOf().inTurn(client.peer, () => {
        turn.resolve();
        // It may have left while it waited.
        return clients.has(id) ? new Promise<void>((resolve) => client.endTurn = resolve) : Promise.resolve();
      });
      return turn.promise;
    },
    endTurn: (id) => clients.get(id)?.endTurn?.(),
    fail: (id) => authenticatorOf().failed(clientOf(id).peer, signal),
    admit: (id, identity) => authenticatorOf().admitted(clientOf(id).peer, identity),
    async isStillValid(id, identity) {
      const client = clientOf(id);
      // Noted first: from here on a revocation finds the session, and what was revoked before is found now.
      client.identity = identity;
      delete client.dialogue;
      return await authenticatorOf().isStillValid(client.peer, identity);
    },
    sessionEnded: async (identity) => await authenticator?.sessionEnded(identity),
  };
  return {
    calls,
    async revoked(isRevoked) {
      const found: ClientId[] = [];
      for (const [id, { identity }] of clients) if (identity && await isRevoked(identity)) found.push(id);
      return found;
    },
  };
}
