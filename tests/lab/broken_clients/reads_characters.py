"""The mistake: it waits for as many characters as there are bytes."""

import struct

import correct


def receive(conn):
    (size,) = struct.unpack(">I", correct.recv_exactly(conn, 4))
    data = b""
    while len(data.decode(errors="ignore")) < size:
        part = conn.recv(size - len(data) or 1)
        if not part:
            raise ConnectionError("the server has left")
        data += part
    return data.decode()


correct.receive = receive
correct.main()
