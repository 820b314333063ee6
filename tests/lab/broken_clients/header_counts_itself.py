"""The mistake: the length counts the header, too."""

import struct

import correct


def send(conn, text):
    data = text.encode()
    conn.sendall(struct.pack(">I", 4 + len(data)) + data)


def receive(conn):
    (size,) = struct.unpack(">I", correct.recv_exactly(conn, 4))
    return correct.recv_exactly(conn, size - 4).decode()


correct.send = send
correct.receive = receive
correct.main()
