"""The mistake: each piece is decoded by itself."""

import struct

import correct


def receive(conn):
    (left,) = struct.unpack(">I", correct.recv_exactly(conn, 4))
    text = ""
    while left > 0:
        part = conn.recv(left)
        if not part:
            raise ConnectionError("the server has left")
        left -= len(part)
        text += part.decode(errors="replace")
    return text


correct.receive = receive
correct.main()
