# Neither listens nor ends; a signal to end is ignored.
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("Waiting")
while True:
    time.sleep(1000)
