/**
 * The thread in which tools/bundle.ts packs a bundle.
 *
 * @module
 */
import { pack, type PackRequest } from "./bundle.ts";

self.onmessage = async ({ data }) => {
  await pack(data);
  self.postMessage("packed");
};

declare const self: {
  onmessage: (event: MessageEvent<PackRequest>) => Promise<void>;
  postMessage(message: string): void;
};
