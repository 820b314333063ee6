/** What `replay` says, in English. `{name}` stands for a value. */
export const en = {
  "about.replay": "sends what was recorded to a server again, and compares its replies.",
  "example.replay": "what explain --record wrote, with its timing",
  "example.replay.fast": "a capture, as fast as the server replies",
  "exit.replay.10": "the replies are not those that were recorded, or there is nothing to replay",
  "exit.replay.65": "the capture is damaged, or secrets in it are masked",
  "option.replay.fast": "wait for replies only, not for the recorded time",
  "option.replay.framing": "how messages are told apart: {framings}, or auto: found out from the first bytes",
  "option.replay.json": "print one JSON object for each difference and connection",
  "option.replay.timeout": "how long to wait for the connection, and for each reply",
  "replay.difference":
    "Connection {connection}: byte {offset} of the replies is {received}, recorded was {expected}{place}.",
  "replay.differences":
    "Connection {connection}: bytes {offset} to {last} of the replies are {received}, recorded was {expected}{place}.",
  "replay.place.header": " (frame {frame}, byte {at} of its header)",
  "replay.place.payload": " (frame {frame}, byte {at} of its payload)",
  "replay.more": "Connection {connection}: more differences, not told: {n}.",
  "replay.missing": "Connection {connection}: bytes of the replies that did not come: {n}; {ended}.",
  "replay.extra": "Connection {connection}: bytes that the server sent beyond what was recorded: {n}.",
  "replay.still_open": "Connection {connection}: the recorded server closed the connection, this one did not.",
  "replay.unread":
    "Connection {connection}: the server read nothing for {ms} ms, with {n} bytes sent; the rest was not.",
  "replay.ended.open": "the server sent nothing for {ms} ms",
  "replay.ended.half-close": "the server closed the connection",
  "replay.ended.reset": "the server reset the connection",
  "replay.equal": "Connection {connection}: {bytes} bytes of replies, all as recorded.",
  "replay.udp": "UDP is not replayed; flows left out: {n}.",
  "replay.progress": "{connections} connections, {s} s",
  "replay.summary": "Connections: {connections}; with replies other than recorded: {differing}.",
  "replay.nothing": "There is no TCP connection in {path}.",
} as const;
