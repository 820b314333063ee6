import { MemoryData, MemoryStore } from "../../support/memory_store.ts";
import { storeConformance } from "../../support/store_conformance.ts";

storeConformance("MemoryStore", () => {
  const data = new MemoryData();
  return Promise.resolve({
    store: new MemoryStore(data),
    reopen: () => Promise.resolve(new MemoryStore(data)),
    dispose: () => Promise.resolve(),
  });
});
