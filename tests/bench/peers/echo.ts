// deno-lint-ignore-file -- runs in Bun, whose types are not Deno's
// A framed echo with Bun.listen, with the check that cannot be left out, and backpressure.
//
//   bun echo.ts PORT
declare const Bun: any;
declare const process: { argv: string[] };

const MAX_FRAME = 1024 * 1024;

const server = Bun.listen({
  hostname: "127.0.0.1",
  port: Number(process.argv[2] ?? 0),
  socket: {
    open(socket: any) {
      socket.setNoDelay(true);
      socket.data = { header: new Uint8Array(4), headerLength: 0, owed: 0, waiting: [] };
    },
    data(socket: any, chunk: Uint8Array) {
      const state = socket.data;
      for (let at = 0; at < chunk.length;) {
        if (state.owed > 0) {
          const taken = Math.min(state.owed, chunk.length - at);
          state.owed -= taken;
          at += taken;
          continue;
        }
        state.header[state.headerLength++] = chunk[at++];
        if (state.headerLength < 4) continue;
        state.headerLength = 0;
        const [a, b, c, d] = state.header;
        const length = a * 0x1000000 + b * 0x10000 + c * 0x100 + d;
        if (length > MAX_FRAME) return socket.end();
        state.owed = length;
      }
      if (state.waiting.length > 0) return void state.waiting.push(chunk.slice());
      const written = socket.write(chunk);
      if (written < chunk.length) state.waiting.push(chunk.slice(written));
    },
    drain(socket: any) {
      const { waiting } = socket.data;
      while (waiting.length > 0) {
        const written = socket.write(waiting[0]);
        if (written < waiting[0].length) return void (waiting[0] = waiting[0].subarray(written));
        waiting.shift();
      }
    },
  },
});
console.log(`Listening on 127.0.0.1:${server.port}`);
