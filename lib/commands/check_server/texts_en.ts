/** What grading a server says, in English; the frame of the report is that of both graders. */
export const en = {
  "about.check": "examines an echo server in any language, task by task, and says what is likely wrong.",
  "example.check.plain": "a server that runs already",
  "example.check.command": "start it as well: its log, its console, its port and its processor time are examined, too",
  "example.check.tasks": "two tasks, and a header of ten digits",
  "example.check.junit": "for a program, and for a system that collects test results",
  "option.check.framing": "how messages are told apart: {framings} (default: found out)",
  "option.check.command": "start the server with this shell command, and end it afterwards",
  "option.check.dir": "where the command runs, and whose files are searched (with --command: the current folder)",
  "option.check.pid": "number of the server's process: its processor time and descriptors are watched",
  "option.check.register":
    "what somebody new answers the server, a line to each of its messages; {name} and {password} are filled in",
  "option.check.answer":
    "type this line when the server asks at its start; {host} and {port} are filled in (default: Enter)",
  "option.check.tasks": "numbers of the tasks to examine (default: all)",
  "option.check.user": "name to give when the server asks for one (default: a new one)",
  "option.check.password-file": "take the password from this file (default: a new one)",
  "option.check.timeout": "longest time for the whole examination",
  "option.check.json": "print the report as one line of JSON",
  "option.check.junit": "write the report to this file as JUnit's XML",
  "reason.no_process": "there is no such process",
  "reason.folder": "it is no folder",

  "check.takes_datagrams":
    "The server takes datagrams (UDP) on port {port}, and listens on no port of TCP: make its socket with SOCK_STREAM.",
  "check.not_started": "The server does not listen; its last words: {output}",
  "check.not_started_in_time": "The server did not listen before time ran out (--timeout); its last words: {output}",
  "check.no_output": "(none)",
  "check.port_left":
    "the server's port is in TIME_WAIT, as a server before it has left it: waiting up to a minute for it",
  "check.interrupted": "Interrupted.",

  "check.title.leave-close": "a client leaves",
  "check.title.leave-half-close": "a client ends its half of the connection",
  "check.title.leave-mid-frame": "a client leaves inside a message",
  "check.title.leave-reset": "a client resets the connection",
  "check.title.no-spin": "the processor is idle after clients have left",
  "check.title.no-leak": "descriptors are given back",
  "check.title.default-port": "Enter at a question takes the default",
  "check.title.log-file": "service messages are in a file",
  "check.title.quiet-console": "… and not on the console",
  "check.title.port-fallback": "a busy port: another is taken",
  "check.title.port-printed": "… and printed",
  "check.title.knows-client": "a known client is greeted by name",
  "check.title.right-password": "the right password lets in",
  "check.title.wrong-password": "a wrong password does not",
  "check.title.password-not-plain": "the password is in no file",
  "check.title.token": "a token stands for the password",
  "check.title.split-header": "the header comes in single bytes",
  "check.title.merged-frames": "two messages come in one segment",
  "check.title.large-frame": "a message larger than one recv",
  "check.title.split-utf8": "a message cut inside a character",
  "check.title.empty-message": "an empty message",
  "check.title.byte-lengths": "lengths count bytes: Cyrillic",
  "check.title.emoji": "emoji",
  "check.title.many-messages": "a hundred messages in turn",
  "check.title.many-clients": "several clients at once",
  "check.title.exit-word": "exit from one client leaves the others their server",

  "check.say.asked": '"{text}"',
  "check.say.asked_many": "{count} messages, each after the answer to the one before",
  "check.say.in_pieces": "in pieces: {bytes}",
  "check.say.in_one_segment": "in one segment: {bytes}",
  "check.say.large": "a message of {size} bytes, the beginning first",
  "check.say.at_once": "{count} clients connect and send a message each; none leaves",
  "check.say.closed": "a client got its answer and closed",
  "check.say.half_closed": "a client ended its direction (shutdown), waited, and closed",
  "check.say.closed_mid_frame": "{bytes}, and closed",
  "check.say.reset": "a message whose answer was not read: closing then resets the connection",
  "check.say.came_and_went": "{count} clients came and went",
  "check.say.watched": "clients have left, none is there",
  "check.say.started_twice": "the command was started a second time beside the first",
  "check.say.started": "clients came and went",
  "check.say.searched": "the password was searched for in {count} files",
  "check.say.came_again": "a second connection after the name {name} was given",
  "check.say.logged_in": "the name and the password of before",
  "check.say.logged_in_wrong": "the name of before and another password",
  "check.say.token_sent": "the token, in place of name and password",
  "check.say.nothing": "nothing",
  "check.say.nothing_within": "nothing within {ms} ms",
  "check.say.ended": "the server closed the connection",
  "check.say.ended_after": "{bytes}, then the server closed the connection",
  "check.say.was_reset": "the connection was reset",
  "check.say.answered": "the echo of {text}",
  "check.say.answered_some": "{count} of {total} were answered",
  "check.say.refused": "a new client is refused: nothing listens any more",
  "check.say.not_served": "a new client is connected and gets no answer",
  "check.say.served": "a new client is served",
  "check.say.cpu": "{percent} % of a processor",
  "check.say.descriptors": "{before} descriptors before, {after} after",
  "check.say.files": "{files}",
  "check.say.no_files": "no file has grown when a client came",
  "check.say.console": 'lines: {count}, the first: "{line}"',
  "check.say.listens": "the second one listens on port {port}",
  "check.say.exited": 'the second one does not listen: "{line}"',
  "check.say.found_in": "found in {file}",

  "check.say.why_gone_after_leave":
    'The server ends with its client: accept stands outside the loop, or what happens when recv returns b"" is not caught.',
  "check.say.why_stuck_after_leave":
    'The server listens and serves nobody: it still reads from the client that has left; recv returns b"" then, and the loop has to end.',
  "check.say.why_ends_of_timeout":
    "The server ends of a time limit that nobody catches: after settimeout() accept and recv raise TimeoutError. Catch it, and set no limit on the socket that listens.",
  "check.say.why_ends_of_bytes":
    "The server ends of bytes that it cannot decode: collect the whole message, use the encoding of the clients (UTF-8), and catch UnicodeDecodeError.",
  "check.say.why_ends_of_error":
    'The server ends of an error that nobody catches: read it. Nothing can be taken out of what recv returns when a client has left (b""), and no client may end the server for the others.',
  "check.say.why_ends_after_some":
    "The server ends by itself, without an error, after {count} clients: the loop around accept comes to its end.",
  "check.say.why_ends_of_sending":
    'The server answers a client that has left, and ends of the error: look whether recv returned b"", and catch BrokenPipeError and ConnectionResetError where one client is served.',
  "check.say.why_gone_after_reset":
    "A reset ends the server: ConnectionResetError (or BrokenPipeError) has to be caught where one client is served.",
  "check.say.why_gone_after_half_close":
    'A client that has finished sending ends the server: recv returns b"", which is the end of one client, not of the server.',
  "check.say.why_gone_mid_frame":
    'A client that leaves inside a message ends the server: recv returns b"" before the message is whole, and that is not caught.',
  "check.say.why_stuck_mid_frame":
    'After half of a message nobody else is served: it is still waited for (recv returns b"" then, and the loop has to end), or it was left for the next client (each connection needs a buffer of its own).',
  "check.say.why_half_close_silent":
    'A client that has finished sending gets no answer: its end of sending (recv returns b"") is taken for its leaving before what it sent is answered.',
  "check.say.why_spin_alone":
    "The server uses {percent} % of a processor before any client has come: a loop asks again and again whether there is something to do. Let accept and recv wait, or select.",
  "check.say.why_spin":
    'With no client there the server uses {percent} % of a processor: recv returns b"" at once, again and again, and the loop does not look for it.',
  "check.say.why_leak":
    "{count} descriptors were not given back: what is opened for a client (its socket, a file) has to be closed when it has left.",
  "check.say.why_characters":
    "The length counts characters, not bytes: {text} is {bytes} bytes, the header said {said}; encode first, then measure.",
  "check.say.why_waits_for_characters":
    "The server takes the length for a number of characters: {text} is {bytes} bytes and {characters} characters, and it waits for more.",
  "check.say.why_utf8_ended": "Cyrillic ends the connection: the text is not read as UTF-8, or the length is wrong.",
  "check.say.why_utf8_changed": "Cyrillic comes back changed: the text is not read or not written as UTF-8.",
  "check.say.why_emoji_units":
    "The length of an emoji is wrong: the message is {bytes} bytes, the header said {said}; a character may have four bytes, or two units of UTF-16.",
  "check.say.why_emoji_changed":
    "Cyrillic comes back, emoji do not: characters of four bytes are lost on the way (an encoding other than UTF-8, or UTF-16 cut in two).",
  "check.say.why_emoji_ended":
    "Emoji get no answer: a character of four bytes cannot be decoded or written there (an encoding other than UTF-8?).",
  "check.say.why_split_utf8_ended":
    "Each piece is decoded as it comes: a character that was cut in two fails; collect the bytes of the message, decode once.",
  "check.say.why_split_utf8_changed":
    "Each piece is decoded as it comes, and a character that was cut in two is replaced; collect the bytes of the message, decode once.",
  "check.say.why_unframed":
    "There are no frames of {framing}: the server answers without reading, or writing, such a header.",
  "check.say.why_header_once":
    "The header is read with one recv, which may return less than its {header} bytes: read on until all of them are there.",
  "check.say.why_header_ended":
    "A part of the header was taken for all of it, and the connection ended: recv({header}) returns up to {header} bytes; read on until all are there.",
  "check.say.why_merged_lost":
    "The second message is lost: what a recv brings beyond the first message has to be kept for the next.",
  "check.say.why_reads_over":
    "The rest of a message is read together with the beginning of the next one, which is lost: ask recv for what is still missing only, n - len(data).",
  "check.say.why_merged_changed":
    "Two messages in one segment are taken for one: read as many bytes as the header says, and keep the rest for the next message.",
  "check.say.why_large_short":
    "recv is called once for a message: it returns what is there, not all of the {size} bytes; read on until the message is whole.",
  "check.say.why_large_ended":
    "A message of {size} bytes ends the connection: it does not fit into one recv, and only the first part is read.",
  "check.say.why_large_silent":
    "A message of {size} bytes gets no answer: a part of it was taken for all, or the answer is sent with send instead of sendall.",
  "check.say.why_large_changed":
    "A message of {size} bytes does not come back as it was: what arrives in several pieces is not put together again.",
  "check.say.why_large_other":
    "A message of {size} bytes gets another answer than its echo: it is refused, or taken for something else.",
  "check.say.why_empty_ended":
    'The empty message is taken for the end of the connection: a length of zero is a message; the end is when recv returns b"" where a header should come.',
  "check.say.why_empty_silent": "The empty message gets no answer: a length of zero is a message like any other.",
  "check.say.why_empty_changed":
    "The empty message comes back as something else: a length of zero is a message like any other.",
  "check.say.why_reply_header":
    "A message in {framing} is understood, and the answer has no such header, or a wrong one: send with the same kind of header that you read.",
  "check.say.why_silent":
    "No message is answered, whatever its framing: the server sends nothing back, or waits for a header nobody guesses (--framing).",
  "check.say.why_at_end":
    "A message is answered once the client has ended its direction: the server reads until the end, and a conversation needs each message answered as it comes.",
  "check.say.why_silent_in":
    "No message in frames of {framing} is answered: is that the server's framing? Without --framing it is found out.",
  "check.say.why_once": "The connection ends after the first answer: receiving and answering have to stand in a loop.",
  "check.say.why_many_stopped":
    "The conversation ends at message {number}: the loop over messages has to go on until the client closes.",
  "check.say.why_many_changed":
    "Message {number} gets a wrong answer: something of the messages before is left over, or the answers are out of order.",
  "check.say.why_one_client":
    "One client is served after the other: the next one waits until the first has left; each needs a thread, a process or a task of its own.",
  "check.say.why_few_clients":
    "No more than {count} clients are served at once: the next one waits, or is sent away, until one of them has left.",
  "check.say.why_clients_mixed":
    "With several clients at once the answers go astray: what belongs to one client is kept where all share it.",
  "check.say.why_clients_dropped":
    "A client that is silent while others are served loses its connection: its time limit is short, or the next client waits until it has run out.",
  "check.say.why_no_log":
    "Nothing is logged to a file in this folder: service messages belong there (or they stand in a buffer that is not flushed).",
  "check.say.why_log_silent":
    "The file says nothing of the clients that came and went: who connected belongs into the log, and in time (flush).",
  "check.say.why_console":
    "Service messages still go to the console: a print or a log handler for the console is left.",
  "check.say.asks_port": "the second one asks at its keyboard",
  "check.say.why_asks_for_port":
    "Port {port} is busy, and the second server asks a person what to do: it should try the next port by itself.",
  "check.say.why_busy":
    'Port {port} is busy, and the second server ends: catch "address already in use" (EADDRINUSE) and try the next port.',
  "check.say.why_reuse_port":
    "Both servers listen on port {port} without an error: SO_REUSEPORT lets them share it; SO_REUSEADDR is the one that is wanted.",
  "check.say.why_not_printed": "The server listens on port {port} and does not print it: nobody can find it.",
  "check.say.why_printed_other":
    "The server listens on port {port} and prints another: print the port it got (getsockname), not the one it wanted.",
  "check.say.why_no_dialogue": "The server asks for no name: it echoes what it gets, and knows nobody again.",
  "check.say.why_no_password": "The server asks for no password: whoever says a name is believed.",
  "check.say.why_forgot":
    "The client is asked for its name again: it is known by address and port (the port is another each time), or the name is not stored at once.",
  "check.say.why_nameless": "The client is recognized, and not greeted by its name.",
  "check.say.why_right_refused":
    "The password that was chosen is refused afterwards: it is not stored, or compared with something else (another salt?).",
  "check.say.why_wrong_anew":
    "A known name is asked to choose a password once more, and any lets in: who has registered was not stored, or is not looked for.",
  "check.say.why_wrong_accepted": "A wrong password lets in: what was given is not compared with what was stored.",
  "check.say.why_wrong_goes_on":
    "A wrong password is refused in words alone: what the client sends then is echoed. End the conversation there, or ask again.",
  "check.say.why_wrong_ends":
    "A wrong password ends the server: it may end that client's conversation, and an error there has to be caught.",
  "check.say.why_plain":
    "The password is stored as it is: keep a salted slow hash (PBKDF2, scrypt) instead, and log no messages.",
  "check.say.why_encoded":
    "The password is stored in base64, in hexadecimal or reversed, which anybody turns back: keep a salted slow hash (PBKDF2, scrypt) instead.",
  "check.say.why_token":
    "The token that the server gave is refused: it is not stored, or compared with something else.",

  "check.say.why_token_any":
    "A token that nobody was given lets in as well: what is sent has to be one of the tokens that were given out.",
  "check.say.why_token_shared":
    "Another client was given the same token: whoever has it is let in as anybody. Make a new random one for each (secrets).",
  "check.say.why_token_ends":
    "A token that nobody was given ends the server: look whether there is such a token before it is used.",

  "check.say.skip_gone": "the server is gone (with --command it is started again)",
  "check.say.skip_time": "time ran out (--timeout)",
  "check.say.skip_blocked": "says nothing while {check} fails",
  "check.say.skip_raw": "there are no messages in raw: no header, no ends",
  "check.say.skip_no_header": "{framing} has no header that could be split",
  "check.say.skip_no_echo": "the server does not echo",
  "check.say.skip_no_framing": "no framing was found (--framing)",
  "check.say.skip_small": "a message has {size} bytes at most",
  "check.say.skip_decorated": "without framing, what is added to each part cannot be told from the message",
  "check.say.skip_needs_pid": "needs --pid or --command",
  "check.say.skip_needs_command": "needs --command",
  "check.say.skip_needs_dir": "needs --dir or --command",
  "check.say.skip_no_proc": "this system has no /proc to look into",
  "check.say.skip_no_dialogue": "the server asks for no name",
  "check.say.skip_no_password": "the server asks for no password",
  "check.say.skip_no_token": "the server gives no token (a bonus of the task)",
  "check.say.skip_token_use": "what looks like a token was given; how it is to be used is not known",
  "check.say.skip_has_passwords": "clients are known by their passwords (task 6)",
  "check.say.skip_dialogue_lost": "the server's words were not understood",
  "check.say.skip_spin": "the processor says more: see no-spin",
  "check.say.skip_no_reset": "from here no reset can be sent there",

  "check.say.pressed_enter": "Enter at each of {count} questions",
  "check.say.listens_first": "it listens",
  "check.say.died": "the program ended: {death}",
  "check.say.ended_quietly": "the program ended without an error",
  "check.say.why_protocol": "That is no echo server: it speaks {protocol}.",
  "check.say.why_no_echo": "The server answers, but not with what was sent: an echo sends back what it gets.",
  "check.say.why_no_echo_behind":
    "Who was let in gets no answer: behind the welcome, what a client sends has to come back.",
  "check.say.why_dies":
    "The server dies of each message, whatever its framing: read the error, and catch what one client can cause.",
  "check.say.why_dies_at_once": "The server dies as soon as a client connects: read the error.",
  "check.say.why_closes_at_once": "The server closes each connection at once, without a word.",
  "check.say.why_keyboard":
    "The server waits for its keyboard and serves nobody meanwhile: input() does not belong into the loop that serves clients.",
  "check.say.why_accumulates":
    "Each answer holds all messages so far: the variable is not emptied for the next message.",
  "check.say.why_no_header":
    "The messages have no header: two of them may arrive as one, and one as two. Put its length before each.",
  "check.say.asks_again": "it asks the same again",
  "check.say.why_asks_again": "After Enter the same question comes again: an empty line should stand for a default.",
  "check.say.why_handler_dies":
    "What serves a client dies of an exception before it answers, and the client with it; the server itself goes on.",
  "check.say.why_no_default": "Enter ends the server: an empty line is no number, and should stand for the default.",
  "check.say.why_port_left":
    "The server cannot be started again: its port is in TIME_WAIT for a minute, since it closes first. Set SO_REUSEADDR before bind, and try the next port where one is taken.",
  "check.say.why_digest":
    "The password is stored as {kind} without a salt: tables give it back. Keep a salted slow hash (PBKDF2, scrypt) instead.",
  "check.say.skip_lifeless": "the server serves nobody: see many-messages",
  "check.say.skip_changed": "the text comes back changed",
  "check.say.skip_known": "the server knows this address already: remove the file in which it has stored it",
  "check.say.skip_no_newcomers": "no newcomers are taken: give --user and --password-file of somebody known",
  "check.say.skip_no_login": "the log-in does not succeed",
  "check.say.skip_port_free": "with its first client the server stops listening: port {port} is not busy then",
  "check.say.skip_port_left":
    "the port is in TIME_WAIT for a minute: the server cannot be started again (SO_REUSEADDR)",
  "check.say.note_changed": "The text comes back changed; every message is answered, which is accepted.",
  "check.say.note_packed": "The replies are {form}, not the message itself; that is accepted.",
  "check.say.note_blank": 'Blanks come back as "{blank}"; that is accepted.',
  "check.say.why_only_greets":
    "The server greets, and closes the connection without having read anything: receive and answer before that.",
  "check.say.note_exception": "An exception that nobody caught reached the console: {words}",
  "check.say.skip_length_line":
    "the length is on a line of its own, not in a header of fixed length: this form is not examined",
  "check.say.skip_length_colon":
    "the length ends with a colon and has no fixed width: this form of header is not examined",
  "check.say.skip_packed": "messages are packed into objects: their bytes are not examined",
  "check.say.skip_wants_json": "the server expects messages in JSON with fields that the grader does not know",
  "check.say.skip_unknown_header":
    "the server hangs up on what is no header of its own, and no header that the grader knows is answered (--framing)",
  "check.say.note_takes_name":
    "The first message of each connection is taken for a name; the echo begins with the second.",
  "check.say.note_greeting": 'The server speaks first: "{text}"',
  "check.say.note_prefix":
    'The echo is not exact: "{prefix}" stands before the message, "{suffix}" behind it; that is accepted.',
  "check.say.note_upper": "The echo is in capital letters; that is accepted.",
  "check.say.note_lower": "The echo is in small letters; that is accepted.",
  "check.say.note_no_framing": "No answer to a message in any framing: say --framing, if you know it.",
  "check.say.note_limit": "{size} bytes are refused, {taken} bytes are taken: a limit is in order.",
  "check.say.note_dialogue": "The grader calls itself {name} there.",
  "check.title.bad-answers": "abc and 70000 at the question for a port",
  "check.title.remembers-client": "… also after a restart",
  "check.title.remembers-password": "… also after a restart",
  "check.say.restarted": "the server was ended and started again",
  "check.say.typed": "at a terminal, at the question for a port: {typed}",
  "check.say.reaction_listens": "the server listens",
  "check.say.reaction_asks": "the server goes on",
  "check.say.reaction_waits": "the server waits",
  "check.say.why_refused_later":
    "After a restart the right password is refused: it was not stored, or what was stored does not fit any more (hash() of Python differs at each start, and so does a salt that is made anew).",
  "check.say.why_forgets":
    "After a restart the server knows nobody: who has come has to be written to a file at once, and read from it at the start.",
  "check.say.why_bad_answer":
    "{typed} at the question for a port ends the server with an exception: catch it, say what is wrong, and ask again or take the default.",
  "check.say.skip_no_terminal": "no pseudo-terminal here (script of util-linux makes one)",
  "check.say.skip_terminal_unasked": "the server asks nothing at a terminal",
  "check.say.skip_no_restart": "the server does not come to listen again at once",
  "check.say.note_end_of_input": "The end of the input (Ctrl-D) ends it with an exception: {words}",
  "check.say.note_salted":
    "A salted {kind} is better than none, and made for speed: PBKDF2 or scrypt takes an attacker a hundred thousand times longer.",
  "check.say.skip_no_question": "the server asks nothing at its start",
  "check.say.skip_not_stored": "no file holds the name either: nothing was stored",
  "check.try.leave-close": "twice: echo-client -m one --framing {framing} {at}",
  "check.try.leave-half-close":
    "printf one | nc -N, or shutdown(SHUT_WR) in a client, then echo-client -m one --framing {framing} {at}",
  "check.try.leave-mid-frame":
    "connect, send half of a message, close; then echo-client -m one --framing {framing} {at}",
  "check.try.leave-reset":
    "connect, send a message, close without reading the answer; then echo-client -m one --framing {framing} {at}",
  "check.try.no-spin": "echo-client -m one --framing {framing} {at}, then look at top while no client is there",
  "check.try.no-leak":
    "echo-client -m one --framing {framing} {at} twenty times; count ls /proc/PID/fd before and after",
  "check.try.default-port": "start the server in a terminal and press Enter at its questions",
  "check.try.bad-answers": "start the server in a terminal and answer abc, then 70000",
  "check.try.log-file":
    "echo-client -m one --framing {framing} {at}, then look into the folder for a file that says so",
  "check.try.quiet-console": "echo-client -m one --framing {framing} {at} while you watch the server's terminal",
  "check.try.port-fallback": "start the server in two terminals",
  "check.try.port-printed": "start the server in two terminals and read which port each names",
  "check.try.knows-client": "connect twice from the same machine; give the name the first time only",
  "check.try.remembers-client": "connect and give a name, stop the server, start it, connect again",
  "check.try.right-password": "log in twice with the same name and password",
  "check.try.wrong-password": "log in again with the same name and another password",
  "check.try.remembers-password":
    "log in, stop the server, start it; log in with another password, then with the right one",
  "check.try.password-not-plain": "log in, then search the server's files for the password, or for md5 of it",
  "check.try.token": "log in, keep the token, connect again and send it in place of the name",
  "check.try.split-header": "in a client: send the first byte of the header, sleep(1), send the rest",
  "check.try.merged-frames": "in a client: one sendall with two messages behind each other; both have to come back",
  "check.try.large-frame": "echo-client -m \"$(head -c {size} /dev/zero | tr '\\0' a)\" --framing {framing} {at}",
  "check.try.split-utf8": "in a client: send привет in two parts, cut after its third byte, sleep(1) between them",
  "check.try.empty-message": "echo-client -m '' --framing {framing} {at}",
  "check.try.byte-lengths": "echo-client -m привет --framing {framing} {at}",
  "check.try.emoji": "echo-client -m 🙂 --framing {framing} {at}",
  "check.try.many-messages": "seq 100 | echo-client --framing {framing} {at}",
  "check.try.many-clients": "echo-client --framing {framing} {at} in two terminals, and type in both",
  "check.try.exit-word":
    "echo-client -m exit --framing {framing} {at}, then echo-client -m hello --framing {framing} {at}",
  "check.say.closed_silent": "a client connected, and closed without a word",
  "check.say.closed_two": "a client closed after its answer, and another without a word",
  "check.say.why_counts_itself":
    "The length in the header counts the header, too ({framing} with its own bytes added): the length of the text alone is what others expect.",
  "check.say.note_trims":
    "Blanks at the ends of a message are lost: strip() belongs to what a person types, not to what is passed on.",
  "check.say.note_cut_nul": "A message is cut at a zero byte, or altered there.",
  "check.say.note_line_ends": "Line ends inside a message are changed, or end it.",
  "check.say.note_bytes_replaced":
    'Bytes that are no UTF-8 come back replaced ({bytes}): the text is decoded with errors="replace".',
  "check.say.note_bytes_dropped":
    'Bytes that are no UTF-8 are dropped ({bytes}): the text is decoded with errors="ignore".',
  "check.say.note_bytes_recoded": "Bytes that are no UTF-8 are decoded as {read} and come back as UTF-8 ({bytes}).",
  "check.say.note_bytes_end":
    "Bytes that are no UTF-8 get no answer ({bytes}): decode() fails there; pass bytes on, or catch UnicodeDecodeError.",
  "check.say.note_bytes_changed": "Bytes that are no UTF-8 come back changed: {bytes} as {received}.",
  "check.say.why_exit_ends":
    "{word} from one client ends the server for all of them: it may end that client's conversation, which its connection stands for.",
} as const;
