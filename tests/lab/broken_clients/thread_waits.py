"""The mistake: a thread that waits for the server's next word keeps the program alive, whatever has ended."""

import threading

import correct


def wait():
    threading.Event().wait()


threading.Thread(target=wait).start()
correct.main()
