// deno-lint-ignore-file no-console -- its port goes to whoever started it
// A framed echo on one thread of Node.js: what most people would write with `net`, and the check that cannot be left out.
//
//   node echo.mjs PORT
import { createServer } from "node:net";

const MAX_FRAME = 1024 * 1024;

const server = createServer({ noDelay: true }, (socket) => {
  const header = Buffer.alloc(4);
  let headerLength = 0;
  let owed = 0;
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    for (let at = 0; at < chunk.length;) {
      if (owed > 0) {
        const taken = Math.min(owed, chunk.length - at);
        owed -= taken;
        at += taken;
        continue;
      }
      let length;
      if (headerLength === 0 && chunk.length - at >= 4) {
        length = chunk.readUInt32BE(at);
        at += 4;
      } else {
        header[headerLength++] = chunk[at++];
        if (headerLength < 4) continue;
        headerLength = 0;
        length = header.readUInt32BE(0);
      }
      if (length > MAX_FRAME) return socket.destroy();
      owed = length;
    }
    if (!socket.write(chunk)) {
      socket.pause();
      socket.once("drain", () => socket.resume());
    }
  });
});
server.listen({ host: "127.0.0.1", port: Number(process.argv[2] ?? 0), backlog: 4096 }, () => {
  console.log(`Listening on 127.0.0.1:${server.address().port}`);
});
