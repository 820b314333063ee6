# Lines, each answer after half a second; a client that resets its connection ends the server.
# tasks: 1,7,8
# failed: leave-reset
# framing: line
# passed: many-messages many-clients large-frame leave-close leave-half-close leave-mid-frame
import asyncio
async def serve(reader, writer):
    try:
        while line := await reader.readline():
            await asyncio.sleep(0.5)
            writer.write(line)
            await writer.drain()
    except ConnectionError as error:
        print(error, flush=True)
        ended.set_exception(error)
    writer.close()
async def main():
    global ended
    ended = asyncio.get_running_loop().create_future()
    await asyncio.start_server(serve, "127.0.0.1", 9090, limit=2**20)
    print("port 9090", flush=True)
    await ended
asyncio.run(main())
