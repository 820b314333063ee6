/** What the client says of connections and log-ins, in English. `{name}` stands for a value. */
export const en = {
  "reason.conflict": "it does not go with {other}",
  "option.host": "host to connect to, or unix:/path",
  "option.port": "port to connect to",
  "option.ipv4": "try IPv4 addresses only",
  "option.ipv6": "try IPv6 addresses only",
  "option.source": "connect from this address of this machine",
  "reason.source_family": "{value} is no IPv{family} address, and both ends have to be of one kind",
  "reason.source": "write an address of this machine, such as 192.0.2.7 or 192.0.2.7:4000",
  "option.max-frame": "longest reply accepted",
  "option.tls": "speak TLS",
  "option.ca": "trust the authority whose certificate is in this PEM file, too",
  "option.client-cert": "the client's certificate, in PEM, for a server that asks for one",
  "option.client-key": "the private key of that certificate, in PEM",
  "option.tls-name": "the name that the server's certificate must have, where it is not the host's",
  "option.json": "print one JSON object for each reply",
  "option.timeout": "how long to wait for the connection, and for a reply",
  "option.mode": "echo: no dialogue; identify, auth: the server speaks first (default: found out)",
  "option.user": "log in, or be known, under this name",
  "option.password-file": "read the password from the first line of this file, which others must not be able to read",
  "option.password-stdin": "read the password from the first line of standard input; messages follow it",
  "option.invite":
    "register with this invitation, which the server's administrator made; @FILE, or - for a line of standard input",
  "option.register": "register as a new user",
  "option.allow-insecure": "send passwords and tokens over an unencrypted network",
  "option.allow-downgrade":
    "log in although the server proves less than it could: by a password in plain text, or with fewer rounds than before",
  "login.unused": "The server asks for no log-in; the saved session of {user} is not used.",
  "login.out_here": "Logged out here only; the server could not be told: {reason}",
  "error.downgrade":
    "Log-in refused by this client: {reason}. It may be a false server. If you know why, --allow-downgrade logs in all the same.",
  "reason.downgrade_open":
    "the server asks for no log-in, and proves nothing (one that asks only for a name: --mode identify)",
  "reason.downgrade_plain": "the server wants the password itself, and proves nothing",
  "reason.downgrade_rounds":
    "the server asks for {iterations} rounds, where it asked for {least} before; the password could be guessed faster",
  "option.verbose": "tell on standard error what happens",
  "prompt.host": "Host",
  "prompt.name": "Name",
  "prompt.register": "Is {name} new here? Register this name [y/N]: ",
  "login.refused": "Name or password is wrong.",
  "prompt.invite": "Invitation: ",
  "login.unproven":
    "The server has not proved that it knows the saved session, which was not sent. Is it the server that you mean?",
  "login.registers": "{name} is being registered as a new user.",
  "login.not_invited": "A registration here needs an invitation that has not been used.",
  "login.expired": "The saved session is no longer valid.",
  "login.taken": "The name is taken.",
  "login.server_says": "Server: {text}",
  "login.done": "Logged in as {name}; the session is kept until {expires}.",
  "login.done_unkept":
    "Logged in as {name}. The session is not kept: there is no folder for it (HOME, XDG_STATE_HOME).",
  "login.unkept": "The session is not kept: {reason}",
  "login.done_plain": "Logged in as {name}.",
  "login.out": "Logged out.",
  "error.payload_not_encodable.line": "Line {number} of the input is longer than {limit} bytes (--max-frame).",
  "reason.tls_client_certificate":
    "the server asks for a certificate of the client; give it one with --client-cert and --client-key",
  "reason.tls_off": "{option} works together with --tls only; add --tls",
  "reason.tls_unix": "a Unix socket does not leave this machine, and has no TLS; leave out --tls",
  "reason.tls_bad_name": 'no certificate can be for "{name}"; give the name in it after --tls-name',
  "error.tls_required": "The server at {address} speaks TLS: use --tls.",
  "error.tls_not_spoken": "The server at {address} does not speak TLS. Leave out --tls, or is it another port?",
  "error.tls_untrusted":
    "The certificate of {address} is from an authority that is not trusted here. If you know the server, get its authority's certificate and give it after --ca.",
  "error.tls_name":
    'The certificate of {address} is not for "{name}" but for: {reason}. Connect by one of these, or give the right one after --tls-name.',
  "error.tls_expired":
    "The certificate of {address} has expired. Its owner has to renew it; is the clock of this machine right?",
  "error.tls_not_yet_valid": "The certificate of {address} is not valid yet. Is the clock of this machine right?",
  "error.tls_authority":
    "The certificate of {address} is an authority's own (CA:TRUE), which must not stand for a server. Its owner has to make another: echo-server cert.",
  "error.tls_certificate": "The certificate of {address} cannot be used: {reason}.",
  "error.tls_failed": "No TLS connection: {reason}.",
  "error.echo_mismatch":
    "Reply {number} is not what was sent: byte {offset} differs (sent {sent} bytes, received {received}).",
  "error.bad_capture": "Cannot read {path}: {reason}.",
  "reason.capture_unknown": "it is no capture; pcap, pcapng and recordings of echo-client can be read",
  "reason.capture_damaged": "it is damaged at byte {at}",
  "reason.capture_damaged_line": "line {at} is damaged",
  "reason.capture_link_type":
    "packets of link type {at} cannot be read; Ethernet, Linux cooked, loopback and raw IP can",
  "reason.capture_masked": "secrets in it are masked: record it with --show-secrets",
  "reason.capture_version": "it was written by a later version",
  "error.bad_reply": "The server sent {bytes} bytes that answer no message.",
  "error.login_incorrect": "Log-in refused: name or password is wrong.",
  "error.insecure_connection":
    "Log-in refused: nothing secret is sent over an unencrypted network. Use the server's own machine, or --allow-insecure on both sides if you must.",
  "error.token_invalid": "The saved session is no longer valid. Log in again: echo-client login.",
  "error.too_many_attempts": "Log-in refused: too many attempts failed.",
  "error.busy": "The server takes no log-in now: {text}",
  "error.not_invited":
    "Cannot register: an invitation is needed, and one that has not been used. Give it with --invite.",
  "error.server_unproven":
    "The server has not proved that it knows the saved session, which was not sent. Log in with the password: echo-client login.",
  "error.name_taken": "Cannot register: the name is taken.",
  "error.not_logged_in": "There is no saved session for {server}. Log in first: echo-client login.",
  "error.no_name":
    "The server asks for a name, and nobody is there to type it. Use --user NAME, with --mode identify if it asks for no password.",
  "error.timeout.greeting":
    "The server says nothing: is it in a mode with a log-in? (--mode echo talks to one without, --tls to one that speaks TLS.)",
  "error.greeted":
    "The server begins with a dialogue: use --mode identify or --mode auth with --user, or echo-client login.",
  "error.bad_sasl": "The server's log-in message is wrong: {reason}.",
  "error.bad_server_signature": "The server did not prove that it knows the password. It may be a false one.",
  "error.bad_message": "The server sent something that is not a step of the dialogue.",
  "error.tls_plaintext": "The server at {address} answered in plain text on a TLS connection.",
  "option.udp": "send each message as a datagram (UDP); without --timeout, wait 1s for each",
  "option.send-proxy": "begin with a PROXY header, as a balancer does",
  "option.proxy-src": "the client that the header tells of (default: this end of the connection)",
  "reason.udp_too_large":
    "a message of {length} bytes does not fit into a datagram, which holds {limit}; leave out --udp",
  "reason.proxy_source": "{option} works together with --send-proxy only",
} as const;
