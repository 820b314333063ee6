# Frames of u32; one buffer for all clients: half a frame of one is put before the next one's.
# tasks: 1,7,8
# failed: leave-mid-frame
# framing: u32
# passed: many-messages merged-frames split-header leave-close
# says: leave-mid-frame it was left for the next client
import asyncio, struct
buf = b""
async def handle(r, w):
    global buf
    try:
        while d := await r.read(65536):
            buf += d
            while len(buf) >= 4:
                n, = struct.unpack("!I", buf[:4])
                if len(buf) < 4 + n: break
                m, buf = buf[4:4 + n], buf[4 + n:]
                w.write(struct.pack("!I", len(m)) + m); await w.drain()
    except ConnectionError: pass
    w.close()
async def main():
    s = await asyncio.start_server(handle, "127.0.0.1", 9090); print("порт 9090", flush=True)
    async with s: await s.serve_forever()
asyncio.run(main())
