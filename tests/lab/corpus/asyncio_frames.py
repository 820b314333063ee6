# Right: asyncio, u32 frames.
# passed: leave-close leave-mid-frame split-header split-utf8 byte-lengths many-messages many-clients
# framing: u32
import asyncio
async def serve(reader, writer):
    try:
        while True:
            header = await reader.readexactly(4)
            writer.write(header + await reader.readexactly(int.from_bytes(header, "big")))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()
async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", 9090) as server:
        await server.serve_forever()
asyncio.run(main())
