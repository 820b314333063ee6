"""The mistake: what came behind the first frame is thrown away."""

import struct

import correct


def receive(conn):
    data = b""
    while len(data) < 4 or len(data) < 4 + struct.unpack(">I", data[:4])[0]:
        part = conn.recv(4096)
        if not part:
            raise ConnectionError("the server has left")
        data += part
    (size,) = struct.unpack(">I", data[:4])
    return data[4:4 + size].decode()


correct.receive = receive
correct.main()
