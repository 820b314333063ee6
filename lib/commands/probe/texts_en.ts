/** What `probe` says, in English. `{name}` stands for a value. */
export const en = {
  "about.probe": "finds out what is on the path to an echo server: what it changes, splits, answers or drops.",
  "example.probe": "all checks",
  "example.probe.quick": "without waiting for idle connections to be dropped",
  "example.probe.tls": "inside TLS",
  "example.probe.idle": "silence of up to five minutes; the verdict as a page",
  "exit.probe.10": "the path does something to bytes or connections",
  "option.probe.quick": "do not try how long a connection may be silent",
  "option.probe.idle-max": "longest silence to try",
  "option.probe.max-frame": "largest payload to try",
  "option.probe.timeout": "how long to wait for a connection or an answer",
  "option.probe.html": "write the verdict as a page to this file",
  "option.probe.json": "print verdict and figures as one JSON object",
  "reason.probe_unix": "a Unix socket has no path",
  "probe.waiting": "Probing; silent connections are watched for up to {s} s.",
  "probe.title": "The path to {target}",
  "probe.verdict.clean":
    "Nothing found: as far as these checks can tell, the path to {target} changes no bytes and ends no connections.",
  "probe.verdict.findings": "The path to {target}: findings: {n}.",
  "probe.word.same": "the same came back",
  "probe.word.changed": "changed",
  "probe.word.closed": "the connection was closed",
  "probe.word.reset": "the connection was reset",
  "probe.word.silent": "nothing more came",
  "probe.word.refused": "no connection",
  "probe.word.digits": "digits and punctuation",
  "probe.word.letters": "letters",
  "probe.word.controls": "control characters (00–1f)",
  "probe.word.high": "bytes with the eighth bit (80–ff)",
  "probe.fact.families": "An IPv4 connection takes {v4_us}, an IPv6 one {v6_us}: {faster} is faster.",
  "probe.fact.family_unreachable": "{broken} cannot be reached; {working} works.",
  "probe.fact.no_answer":
    "Connections are accepted, and nothing answers ({how} after {after_ms}). Something on the path accepts for a server that is not there, or the server is no echo server with this framing.",
  "probe.fact.short_answer": "Of {sent} bytes {received} came back ({how}): no echo. Is the framing right?",
  "probe.fact.greeting": 'The server wants a dialogue first ("{text}"); probe needs an echo server without a log-in.',
  "probe.fact.rtt": "An echo takes {rtt_us} (median).",
  "probe.fact.mss": "TCP sends up to {mss} bytes in a packet; path MTU as TCP knows it: {pmtu} bytes.",
  "probe.fact.small_mss":
    "TCP sends no more than {mss} bytes in a packet (path MTU {pmtu} bytes): a tunnel, or something that lowers the maximum segment size.",
  "probe.fact.mss_unknown": "Path MTU: not measured (needs Linux).",
  "probe.fact.near":
    "TCP answers within {tcp_us}, an echo takes {rtt_us}: the server takes its time, or a proxy near here answers for TCP.",
  "probe.fact.changes_eighth_bit":
    "The eighth bit is stripped: {sent} came back as {received}. The path is not 8-bit clean.",
  "probe.fact.changes_uppercase": "Letters come back in upper case: {sent} came back as {received}.",
  "probe.fact.changes_lowercase": "Letters come back in lower case: {sent} came back as {received}.",
  "probe.fact.changes_adds_cr": "A CR is added before each LF, as in text files of another system.",
  "probe.fact.changes_drops_cr": "A CR before an LF is dropped, as in text files of another system.",
  "probe.fact.changes_doubles_iac": "Bytes ff are doubled, as Telnet does.",
  "probe.fact.changes_doubles": "Every byte comes twice: {sent} came back as {received}.",
  "probe.fact.not_tried": "Other sizes, boundaries and half-close were not tried: even plain digits are changed.",
  "probe.fact.sizes_not_tried":
    "Large frames were not tried: their headers have control characters, which are changed.",
  "probe.fact.changes_drops": "Some bytes are dropped ({kind}): {sent} came back as {received}.",
  "probe.fact.changes_others": "Bytes are changed ({kind}): {sent} came back as {received}.",
  "probe.fact.changes_large":
    "A frame of {size_bytes} comes back changed, from byte {first_byte} on: {sent} came back as {received}.",
  "probe.fact.kind_lost": "A message that consists of {kind} does not come back: {how}.",
  "probe.fact.both_ways":
    "A frame of {size} {size|byte|bytes} does not come back ({how}), and others do: its header ({header}) is changed on the way there. Payloads are changed back on the way back, so that an echo of them looks whole.",
  "probe.fact.banner": 'Every connection begins with bytes that nobody asked for: "{text}". Echoes come behind them.',
  "probe.fact.first_late":
    "The first echo of a connection takes {first_ms}, those after it {rtt_us}: something holds the first bytes up.",
  "probe.fact.changes_adds": "Bytes are put in, or come twice ({kind}): {received} was not sent there.",
  "probe.fact.speed": "A frame of {size_bytes} takes {took_ms} there and back: {rate_bytes}/s.",
  "probe.fact.ends_after":
    "A connection is ended after {least_bytes} to {most_bytes} ({how}), whatever the size of its frames.",
  "probe.fact.full_packets": "Packets of full size may be lost (path MTU).",
  "probe.fact.tls_only": "The port speaks TLS, and answers nothing in plain text: try --tls.",
  "probe.fact.clean": "All 256 byte values come back as they were sent: the path is 8-bit clean.",
  "probe.fact.clean_text": "All bytes that the framing can carry come back as they were sent.",
  "probe.fact.boundaries": "{frames} frames sent {apart_ms} apart come back one by one. TCP does not promise that.",
  "probe.fact.splits":
    "{frames} frames came back in {reads} {reads|read|reads}: the path or the server splits writes, as TCP may.",
  "probe.fact.merges":
    "{frames} frames sent {apart_ms} apart came back in {reads} {reads|read|reads}: the path or the server merges writes, as TCP may.",
  "probe.fact.largest": "A frame of {good_bytes}, sent at once, comes back; larger ones were not tried (--max-frame).",
  "probe.fact.largest_limit":
    "A frame of {good_bytes} comes back, one of {bad_bytes} does not ({how}): most likely the server's limit.",
  "probe.fact.largest_small":
    "A frame of {good_bytes} comes back, one of {bad_bytes} does not ({how}): too small to be a server's limit.",
  "probe.fact.half_close": "Half-close passes: after our FIN the rest came, and the server's FIN.",
  "probe.fact.half_close_lost": "Half-close does not pass: after our FIN the rest of the echo did not come ({how}).",
  "probe.fact.half_close_reset": "After our FIN the echo came, and then a reset instead of a FIN.",
  "probe.fact.half_close_hidden": "Our FIN is not passed on, or not answered: {wait_ms} after it there was no FIN.",
  "probe.fact.idle_ok": "A connection survives {idle_ms} of silence, the longest that was tried (--idle-max).",
  "probe.fact.idle_ended":
    "A silent connection is ended after {dropped_ms} ({how}), by something on the path or by the server; {survived_ms} of silence were survived.",
  "probe.fact.idle_silent":
    "A silent connection is dropped without a word: {survived_ms} of silence were survived, {dropped_ms} were not.",
  "probe.fact.held_by_messages": "A message every {every_ms} keeps the connection.",
  "probe.fact.not_held_by_messages": "Even a message every {every_ms} does not keep the connection.",
  "probe.fact.keep_alive_holds": "TCP keep-alive, which sends a probe after {after_ms}, keeps the connection.",
  "probe.fact.keep_alive_fails": "TCP keep-alive, which sends a probe after {after_ms}, does not keep the connection.",
  "probe.fact.keep_alive_late":
    "TCP keep-alive does not keep it: this system sends the first probe only after {after_ms}.",
  "probe.fact.keep_alive_unknown": "TCP keep-alive: not measured (its interval is known on Linux only).",
  "probe.fact.tls": "The port speaks TLS, too; --tls probes inside it.",
  "probe.fact.tls_inside": "All of this was tried inside TLS.",
  "probe.fact.tls_broken":
    "The port accepts connections, but no TLS connection can be made: {how}. It does not speak TLS, or something on the path changes bytes.",
  "probe.fact.plain": "In plain text the port echoes, too.",
  "probe.fact.plain_none": "In plain text the port does not echo ({how}).",
  "probe.fact.keep_alive_tls": "TCP keep-alive: not measured inside TLS.",
  "probe.fact.tls_none": "The port does not speak TLS: it ends the connection.",
  "probe.fact.tls_silent": "The port does not speak TLS: no answer to a ClientHello.",
  "probe.fact.urgent_unknown": "Urgent data: not measured (this platform cannot send it).",
} as const;
