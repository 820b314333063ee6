"""The mistake: an empty message is not sent, but its reply is waited for."""

import correct

whole = correct.send


def send(conn, text):
    if text:
        whole(conn, text)


correct.send = send
correct.main()
