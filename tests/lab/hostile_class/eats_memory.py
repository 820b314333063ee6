# Memory without end.
eaten = []
while True:
    eaten.append(bytearray(1 << 24))
