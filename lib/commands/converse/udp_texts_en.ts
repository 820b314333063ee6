/** What is said about datagrams, in English; `udp_ru.ts` has the same keys. */
export const udpEn = {
  "option.server.udp":
    "answer datagrams (UDP, RFC 862) on the same address and port, too; each one is a message, whatever the framing",
  "option.client.udp": "send each message as a datagram (UDP); without --timeout, wait 1s for each",
  "error.udp_usage": "UDP: {reason}.",
  "reason.udp_no_dialogue":
    "{option} needs a connection, to which names and passwords belong, and datagrams have none; leave out --udp",
  "reason.udp_no_tls": "{option} secures connections, not datagrams; leave out one of the two",
  "reason.udp_no_host": "{option} is no address that datagrams can be sent to; give a host",
  "reason.udp_too_large":
    "a message of {length} bytes does not fit into a datagram, which holds {limit}; leave out --udp",
  "client.udp.lost": "Datagram {number} is lost: no echo within {ms} ms. Or does nobody listen there?",
  "client.udp.cut":
    "Datagram {number} came back cut: {received} of {sent} bytes. It was read into a buffer too small for it.",
  "client.udp.late": "Datagram {number} came back late: it had been given up.",
  "client.udp.again": "Datagram {number} came back once more.",
  "client.udp.unexpected": "A datagram of {bytes} bytes came that nobody had sent.",
  "client.udp.sum": "Datagrams sent: {sent}; came back whole: {whole}, cut: {cut}; lost: {lost}.",
} as const;
