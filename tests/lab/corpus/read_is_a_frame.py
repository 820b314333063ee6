# Right frames of u32, as long as each read is one: asyncio.Protocol without a buffer.
# tasks: 7,8
# framing: u32
# failed: split-header merged-frames large-frame
# passed: many-messages
# says: split-header returns up to 4 bytes
import asyncio, struct
class P(asyncio.Protocol):
    def connection_made(self, t): self.t = t
    def data_received(self, d):
        n = struct.unpack("!I", d[:4])[0]; m = d[4:4 + n]
        self.t.write(struct.pack("!I", len(m)) + m)
async def main():
    s = await asyncio.get_running_loop().create_server(P, "", 9090); print("9090", flush=True); await s.serve_forever()
asyncio.run(main())
