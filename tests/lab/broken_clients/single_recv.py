"""The mistake: recv(n) is taken to return n bytes."""

import struct

import correct


def receive(conn):
    (size,) = struct.unpack(">I", conn.recv(4).ljust(4, b"\0"))
    return conn.recv(size).decode(errors="replace")


correct.receive = receive
correct.main()
