"""Runs a program in a pseudo-terminal of 80 columns for tests/support/pty.ts.

Output goes to standard output as JSON lines {"out": TEXT}; standard input brings {"type": TEXT} and {"kill": NUMBER}. At
the end comes {"exit": CODE, "echo": whether the terminal shows what is typed, "canonical": whether it edits lines}.
"""
import codecs, fcntl, json, os, pty, struct, sys, termios, threading


def tell(**event):
    print(json.dumps(event), flush=True)


master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    os.closerange(3, 256)
    os.execvp(sys.argv[1], sys.argv[1:])


def obey():
    for line in sys.stdin:
        command = json.loads(line)
        if "type" in command:
            os.write(master, command["type"].encode())
        if "kill" in command:
            os.kill(pid, command["kill"])


def show():
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:
            return
        tell(out=decoder.decode(data))


threading.Thread(target=obey, daemon=True).start()
shower = threading.Thread(target=show, daemon=True)
shower.start()
_, status = os.waitpid(pid, 0)
modes = termios.tcgetattr(slave)[3]
os.close(slave)
shower.join(5)
tell(exit=os.waitstatus_to_exitcode(status), echo=bool(modes & termios.ECHO), canonical=bool(modes & termios.ICANON))
