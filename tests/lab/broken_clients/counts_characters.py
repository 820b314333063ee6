"""The mistake: the length counts characters."""

import struct

import correct


def send(conn, text):
    conn.sendall(struct.pack(">I", len(text)) + text.encode())


correct.send = send
correct.main()
