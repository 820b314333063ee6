"""The mistake: no more than 4096 bytes of a reply are read."""

import struct

import correct


def receive(conn):
    (size,) = struct.unpack(">I", correct.recv_exactly(conn, 4))
    return correct.recv_exactly(conn, min(size, 4096)).decode()


correct.receive = receive
correct.main()
