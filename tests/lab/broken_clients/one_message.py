"""The mistake: one message, one reply, the end."""

import correct


def converse(conn):
    correct.send(conn, input("> "))
    print(correct.receive(conn))


correct.converse = converse
correct.main()
