/**
 * A worker that answers `version` once with 1, and dies of anything else.
 *
 * @module
 */
interface Scope {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: MessageEvent<{ id: number; name: string }>) => void): void;
}

const scope = globalThis as unknown as Scope;
scope.addEventListener("message", ({ data: { id, name } }) => {
  if (name !== "version") throw new Error(`died of ${name}`);
  scope.postMessage({ id, value: 1 });
});
