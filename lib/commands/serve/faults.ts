/**
 * `echo-server --fault`: the faults of a server, told in its log, its metrics, and on standard error.
 *
 * @module
 */
import { printError } from "../../cli/output.ts";
import type { CommonKey, Translate } from "../../cli/texts.ts";
import { addressText } from "../../base/address.ts";
import { framingFrom } from "../../framing/framing.ts";
import type { Socket } from "../../net/wire.ts";
import type { ServiceLog } from "../../server/log.ts";
import type { Stats } from "../../server/stats.ts";
import type { DatagramSocket } from "../../server/udp.ts";
import { FaultyService } from "../faults/datagrams.ts";
import { FaultyConn } from "../faults/faulty_conn.ts";
import { openFaults, planText } from "../faults/open.ts";
import type { ConnectionStrike } from "../faults/plan.ts";
import type { FaultChoice } from "../faults/scenarios.ts";
import type { ServerConfig } from "./config.ts";
import type { ServeKey } from "./texts.ts";

/** Strikes of every byte that passes: the log has the first of each connection, the metrics all. */
const STEADY: ReadonlySet<string> = new Set(["latency", "rate", "split", "coalesce"]);

export interface ServerFaultsOptions {
  readonly log: ServiceLog;
  readonly stats: Stats;
  readonly texts: () => Promise<Translate<CommonKey | ServeKey>>;
}

export interface ServerFaults extends Disposable {
  /** A client's connection with the faults in it. */
  readonly wrap: (conn: Socket) => Socket;
  /** A socket for datagrams with the faults in it. */
  readonly wrapDatagrams: (socket: DatagramSocket) => DatagramSocket;
  /** Sets what is chosen now. */
  reload(choice: FaultChoice): Promise<void>;
}

/** Opens them. Throws what `openFaults` throws. */
export async function openServerFaults(
  config: ServerConfig,
  { log, stats, texts }: ServerFaultsOptions,
): Promise<ServerFaults> {
  const peers = new Map<number, string>();
  const told = new Map<number, Set<string>>();
  let connection = 0;
  const onStrike = ({ connection, way, fault, ...numbers }: ConnectionStrike): void => {
    stats.count(stats.faults, fault);
    const before = told.get(connection);
    if (STEADY.has(fault) && before?.has(`${way} ${fault}`) === true) return;
    before?.add(`${way} ${fault}`);
    log.warn("fault", { peer: peers.get(connection) ?? "", connection, way, fault, ...numbers });
  };
  // Below TLS there are no frames to be seen.
  const framing = config.tls === undefined ? config.framing : framingFrom("raw");
  const faults = await openFaults(config, { framing, maxFrame: config.maxFrame, seed: config.seed, onStrike });
  const tell = (): void => {
    log.warn("faults", { faults: faults.plan.texts.join("; "), seed: faults.plan.seed });
  };
  tell();
  printError(planText(faults.plan, await texts()));
  const enter = (peer: string): number => {
    peers.set(++connection, peer);
    told.set(connection, new Set());
    return connection;
  };
  const leave = (number: number): void => {
    peers.delete(number);
    told.delete(number);
  };
  return {
    wrap: (conn) => {
      const number = enter(addressText(conn.remoteAddr));
      const faulty = new FaultyConn(conn, {
        ...{ plan: faults.plan, connection: number, read: "up", write: "down" },
        onClose: () => leave(number),
      });
      return faulty.acceptFirst();
    },
    wrapDatagrams: (socket) => new FaultyService(socket, faults.plan, { enter, leave }),
    reload: async (choice) => {
      await faults.reload(choice);
      tell();
    },
    [Symbol.dispose]: () => faults[Symbol.dispose](),
  };
}
