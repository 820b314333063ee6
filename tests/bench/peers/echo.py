"""A framed echo with asyncio protocols (uvloop where it is installed), and the check that cannot be left out.

    python3 echo.py PORT
"""

import asyncio
import socket
import sys

MAX_FRAME = 1024 * 1024


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.header = b""
        self.owed = 0
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data):
        at, end = 0, len(data)
        while at < end:
            if self.owed > 0:
                taken = min(self.owed, end - at)
                self.owed -= taken
                at += taken
                continue
            taken = min(4 - len(self.header), end - at)
            self.header += data[at : at + taken]
            at += taken
            if len(self.header) < 4:
                break
            length = int.from_bytes(self.header, "big")
            self.header = b""
            if length > MAX_FRAME:
                self.transport.abort()
                return
            self.owed = length
        self.transport.write(data)

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()


async def main():
    loop = asyncio.get_running_loop()
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    server = await loop.create_server(Echo, "127.0.0.1", port, backlog=4096)
    print(f"Listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


try:
    import uvloop

    uvloop.install()
except ImportError:
    pass
asyncio.run(main())
