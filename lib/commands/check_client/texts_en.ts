/** What grading a client says, in English. */
export const en = {
  "about.check": "plays a server that does what networks do, and tells how a client takes it.",
  "example.check.command": "starts the client for each check, types for it, reads what it prints",
  "example.check.asked": "a client that asks for host and port first",
  "example.check.greeting": "a client that waits for the server's first word",
  "example.check.wait": "waits for a client that you start",
  "example.check.tasks": "the checks of tasks 7 and 8 only, as JSON",

  "option.check.host": "address to listen on",
  "option.check.port": "port to listen on; a busy one gives way to the next",
  "option.check.strict-port": "exit with 69 when the port is busy",
  "option.check.framing": "how the client tells messages apart: {framings} (default: found out)",
  "option.check.timeout": "time for the whole examination",
  "option.check.wait":
    "time for one step of the client, after which it hangs; without COMMAND, time to let it connect and type (default: 5s, without COMMAND 2min)",
  "option.check.tasks": "tasks to examine, such as 1,7-8 (default: all)",
  "option.check.answer": "type this line before the first message; {host} and {port} are filled in",
  "option.check.exit-word":
    "type this line after the last message; its input ends after that (default: exit, then an empty line)",
  "option.check.greeting": "say this first, as servers do whose clients wait for it",
  "option.check.json": "print the report as one JSON document",
  "option.check.junit": "write the report to this file, too, as JUnit XML",

  "reason.no_program": "there is no such program",

  "server_check.busy": "Port {port} is busy.",
  "server_check.listening": "Examining on {address}.",
  "server_check.invite": "{number} of {count}, {id}: let your client connect to {address} and {what}.",
  "server_check.again": "Once more: connect to {address} and {what}.",
  "server_check.interrupted": "Interrupted: there is no report.",
  "server_check.no_client": "No client came to {address} within {time}.{words}",
  "server_check.client_ended": "The client ended before it connected to {address}.{words}",
  "server_check.client_words": " Its last words: {words}",
  "server_check.client_hint": "If it asks for host and port: --answer '{host}' --answer '{port}'.",

  "server_check.note.fixed": "What a person types is not sent: the client sends a text of its own.",
  "server_check.note.collecting": "The client sends what was typed as one message, once it is told to end.",

  "server_check.what.whole-frames": "send a message with letters other than English ones, then leave it",
  "server_check.what.split-reply": "send two messages, then leave it",
  "server_check.what.merged-replies": "send three messages, then leave it",
  "server_check.what.large-reply": "send two messages, then leave it",
  "server_check.what.split-utf8": "send two messages with letters other than English ones, then leave it",
  "server_check.what.many-messages": "send three messages, then leave it",
  "server_check.what.server-leaves": "send a message; the server leaves, and your client should end",
  "server_check.what.reconnects": "send a message",
  "server_check.what.no-hang": "send a message; the server finishes, and your client should end",

  "server_check.title.whole-frames": "sends whole messages whose length counts bytes",
  "server_check.title.split-reply": "reads on until a whole message is there",
  "server_check.title.merged-replies": "takes two replies that arrive together",
  "server_check.title.large-reply": "takes a reply larger than one read",
  "server_check.title.split-utf8": "takes a character cut in two",
  "server_check.title.many-messages": "converses, many messages in turn",
  "server_check.title.server-leaves": "ends when the server leaves",
  "server_check.title.reconnects": "connects again after a reset",
  "server_check.title.no-hang": "ends when the conversation is over",

  "server_check.part.half_closed": "(the server's end)",
  "server_check.part.closed": "(the server closes)",
  "server_check.part.reset": "(reset)",
  "server_check.part.silence": "(nothing)",
  "server_check.part.left": "(the client closed)",
  "server_check.part.left_by_reset": "(the client reset the connection)",
  "server_check.part.ended": "(it ended)",
  "server_check.part.runs": "(it still runs)",
  "server_check.part.busy": "(it runs, and keeps the processor busy)",
  "server_check.part.crash": "(it died: {crash})",
  "server_check.part.printed": "(it printed the reply {printed} times, others {of} times)",
  "server_check.part.bytes": "({bytes} bytes)",

  "server_check.likely.counts_characters":
    "the length counts characters, not bytes: “{text}” is {bytes} bytes, the header said {announced}; encode first, then measure",
  "server_check.likely.counts_header":
    "the length counts the header as well: the payload is {bytes} bytes, the header said {announced}",
  "server_check.likely.counts_no_line_end":
    "a line end follows the text, and the header does not count it: it says {announced}, and {bytes} bytes follow; the next message begins one byte too early for who reads it",
  "server_check.likely.unknown_header":
    "what comes before the text is not a length that --framing knows: write a header of fixed length that holds the number of bytes",
  "server_check.likely.incomplete":
    "the message is not whole: fewer bytes came than its header announces, or no line end",
  "server_check.likely.reply_not_understood":
    "after a reply framed as its own message the client says no more: it reads replies in another way than it writes",
  "server_check.likely.reads_characters":
    "after a reply that is not all ASCII the client says no more: it counts the characters it has read, and waits for as many as there are bytes",
  "server_check.likely.text_fails":
    "with letters other than English ones the client stops: it cannot encode the text, or decode the reply to it; use UTF-8 for both",
  "server_check.likely.empty_message":
    "an empty message stops the client: it sends nothing and waits for the reply to it, or cannot read an empty reply; send an empty frame, or ask again",
  "server_check.likely.no_header":
    "the messages have no header: two of them may arrive as one, and one as two; put its length before each",
  "server_check.likely.split_reply":
    "one recv is taken for a whole message; recv(n) returns up to n bytes: call it until all are there, for the header as well",
  "server_check.likely.merged_replies":
    "what a read returned beyond the first message is thrown away; keep it for the next one, or read no more than the message has",
  "server_check.likely.large_reply":
    "only a part of the {bytes} bytes is read, and the rest is taken for the next message; read until all are there",
  "server_check.likely.split_utf8":
    "each piece is decoded by itself, and half of a character is not valid text; collect the bytes of a message, then decode them once",
  "server_check.likely.one_connection":
    "the client opens a new connection for each message: connect once, before the loop, and close after it",
  "server_check.likely.skipped_wordless":
    "the client connects and leaves without having sent anything: it may read from a terminal alone (prompt in Deno, getpass), or want arguments",
  "server_check.likely.skipped_silent":
    "the client connects and says nothing: it waits for a server that speaks first (--greeting TEXT), or asks for something else first (--answer LINE)",
  "server_check.likely.skipped_length_line":
    "the length is not in a header of fixed length, but has a line end or another mark behind it: this form is not examined",
  "server_check.likely.skipped_own_form":
    "what stands around the text is no form that --framing knows: how the client tells messages apart is not examined",
  "server_check.likely.one_message": "the client ends after the first reply; put sending and receiving into a loop",
  "server_check.likely.many_messages": "message {number} of {count} does not come: the client has stopped on the way",
  "server_check.likely.leaves_hangs":
    'the client waits for ever once the server has closed; recv then returns nothing (b""), which is the end',
  "server_check.likely.leaves_spins":
    'the client loops without end once the server has closed; recv returns nothing (b"") at once, again and again: leave the loop then',
  "server_check.likely.leaves_crashes":
    "the client dies of an uncaught error when the server closes ({error}); look for the end in recv, catch the error, and say that the server has left",
  "server_check.likely.leaves_sends_on":
    'the server has ended the connection, and the client sends its next text all the same; recv returned nothing (b""), which is the end: leave the loop then',
  "server_check.likely.leaves_unnoticed":
    'the server has left, and the client asks for the next message as if nothing had happened; recv returned nothing (b""), which is the end: say so, and leave the loop',
  "server_check.likely.cut_hangs":
    'the server closed inside a message, and the client waits for the rest for ever; recv returns nothing (b"") then',
  "server_check.likely.cut_spins":
    'the server closed inside a message, and the loop that waits for the rest never ends; recv returns nothing (b"") then: leave it',
  "server_check.likely.cut_crashes":
    "the client dies of an uncaught error when the server closes inside a message ({error}); catch it, and say that the server has left",
  "server_check.likely.not_again":
    "the client does not connect again after a reset; is its own port fixed (bind before connect), or a state kept from last time?",
  "server_check.likely.end_hangs":
    "the client does not end, though its input and the server have: something in it still waits, such as a thread in recv",
  "server_check.likely.end_spins":
    "the client does not end, though its input and the server have, and keeps the processor busy: a loop does not look for the end",
  "server_check.likely.end_crashes": "the client ends with an uncaught error: {error}",
  "server_check.likely.skipped_raw": "the messages have no header and no line ends; task 7 brings them",
  "server_check.likely.skipped_single": "its connection ends after one reply",
  "server_check.likely.skipped_small": "the framing {framing} carries no more than {bytes} bytes",
  "server_check.likely.skipped_not_sent": "the client did not send the message that this check begins with",
  "server_check.likely.skipped_narrow": "the message was all ASCII: there is no character to cut",
  "server_check.likely.skipped_encoding": "the text is in {encoding}, not in UTF-8, whose characters are cut here",
  "server_check.likely.skipped_unknown": "none of its messages was seen: see whole-frames",
  "server_check.likely.skipped_after": "put {id} right first: this would fail for the same reason",
  "server_check.likely.skipped_no_client": "the client did not connect",
  "server_check.likely.skipped_no_second": "no second connection came",
  "server_check.likely.skipped_time": "the time was over (--timeout)",
  "server_check.try.whole-frames": "echo-server --framing u32 (or yours) and type привет in the client",
  "server_check.try.split-reply": "in a server of yours: send a reply in two parts, sleep(1) between them",
  "server_check.try.merged-replies": "in a server of yours: two replies in one sendall; the client has to show both",
  "server_check.try.large-reply": "type a line of 70,000 characters against echo-server",
  "server_check.try.split-utf8": "in a server of yours: send привет cut after its third byte, sleep(1), the rest",
  "server_check.try.many-messages": "start echo-server and type ten lines",
  "server_check.try.no-hang": "start echo-server, converse, and end the client as it is meant to end",
  "server_check.try.server-leaves": "start echo-server, connect, stop the server with Ctrl-C, type a line",
  "server_check.try.reconnects": "start echo-server, connect, restart the server, start the client again",
} as const;
