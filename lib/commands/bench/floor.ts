/**
 * The client measured against itself: the same load on an echo in this process.
 *
 * @module
 */

/** An echo of this process that accepts on a port of 127.0.0.1. */
interface FloorServer extends Disposable {
  readonly port: number;
}

/** Starts the echo on a thread of its own. */
export async function startFloor(): Promise<FloorServer> {
  const worker = new Worker(new URL("./floor_worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  worker.onmessage = ({ data }: MessageEvent<number>): void => resolve(data);
  worker.onerror = (event: ErrorEvent): void => {
    event.preventDefault();
    reject(new Error(event.message));
  };
  try {
    return { port: await promise, [Symbol.dispose]: () => worker.terminate() };
  } catch (error) {
    worker.terminate();
    throw error;
  }
}
