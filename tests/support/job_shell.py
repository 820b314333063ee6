"""A shell with one job, for tests of job control: runs its arguments in the foreground of the terminal. When the job stops
it says so and how the terminal was left, and waits for a line; then the job goes on. At the end it says how that was."""
import os, signal, sys, termios

signal.signal(signal.SIGTTOU, signal.SIG_IGN)
saved = termios.tcgetattr(0)
pid = os.fork()
if pid == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])
try:
    os.setpgid(pid, pid)
except OSError:
    pass
while True:
    _, status = os.waitpid(pid, os.WUNTRACED)
    modes = termios.tcgetattr(0)[3]
    os.tcsetpgrp(0, os.getpgrp())
    kept = f"echo {bool(modes & termios.ECHO)}, canonical {bool(modes & termios.ICANON)}"
    if not os.WIFSTOPPED(status):
        print(f"[ended {os.waitstatus_to_exitcode(status)}, {kept}]", flush=True)
        break
    termios.tcsetattr(0, termios.TCSADRAIN, saved)
    print(f"[stopped, {kept}]", flush=True)
    sys.stdin.readline()
    os.tcsetpgrp(0, pid)
    os.kill(-pid, signal.SIGCONT)
