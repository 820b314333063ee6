// What is judged by words alone: each line is something that students' servers say, or print.
import { assertEquals } from "@std/assert";
import { commandsIn } from "../../../../lib/commands/check_server/packing.ts";
import { BY_TOKEN, choiceIn, LOGS_IN, numberOf, REGISTERS } from "../../../../lib/commands/check_server/menu.ts";
import { withoutTracebacks } from "../../../../lib/commands/check_server/process_checks.ts";
import {
  besideOf,
  isRepetition,
  isWelcome,
  REFUSED,
  tokenIn,
  wantedBy,
} from "../../../../lib/commands/check_server/words.ts";

Deno.test("wantedBy() knows what a question asks for, in Russian, in Latin letters, and in English", () => {
  const questions = [
    ["Vvedite imya: ", "name"],
    ["Добро пожаловать! Назовите себя:", "name"],
    ["Мы не знакомы. Представьтесь, укажите имя", "name"],
    ["Pridumayte parol: ", "password"],
    ["Введите логин:пароль", "both"],
    ["Enter name and password: ", "both"],
    ["Введите имя и пароль через двоеточие", "both"],
  ] as const;
  for (const [question, wanted] of questions) assertEquals(wantedBy(question, new Set()), wanted, question);
});

Deno.test("wantedBy() takes short words for a question until what they name was given", () => {
  assertEquals(wantedBy("Имя пользователя", new Set()), "name");
  assertEquals(wantedBy("Пароль", new Set(["name"])), "password");
  for (const answer of ["Пароль сохранён", "Пользователь создан", "User added", "Имя занято", "Логин и пароль верны"]) {
    assertEquals(wantedBy(answer, new Set(["name", "password"])), undefined, answer);
  }
});

Deno.test("besideOf() answers what is asked for beside a name and a password", () => {
  assertEquals(besideOf("Ваша почта", "Anna"), "Anna@example.com");
  assertEquals(besideOf("Введите e-mail:", "Anna"), "Anna@example.com");
  assertEquals(besideOf("Ваша фамилия: ", "Anna"), "Tester");
  assertEquals(besideOf("How old are you?", "Anna"), "20");
  for (
    const other of ["Пароль от почты:", "Вы вошли как Anna@example.com", "Введите имя", "Записано, почта проверена"]
  ) {
    assertEquals(besideOf(other, "Anna"), undefined, other);
  }
});

Deno.test("isRepetition() tells a new password's second time from a refusal", () => {
  for (
    const words of ["Повторите пароль:", "Введите пароль ещё раз", "Confirm password: ", "Enter the password again"]
  ) {
    assertEquals(isRepetition(words), true, words);
  }
  for (
    const words of [
      "Неверно, введите ещё раз",
      "Wrong password, try again",
      "Пароли не совпали, повторите",
      "Hi",
      "Я буду повторять",
    ]
  ) {
    assertEquals(isRepetition(words), false, words);
  }
});

Deno.test("choiceIn() registers at the first visit, and logs in at the others", () => {
  const menus = [
    ["1 - вход\n2 - регистрация\nВаш выбор: ", "2", "1"],
    ["1. Register\n2. Login\n> ", "1", "2"],
    ["Введите 1 для входа, 2 для регистрации", "2", "1"],
    ["Вы уже зарегистрированы? (да/нет) ", "нет", "да"],
    ["Do you have an account? (y/n)", "n", "y"],
    ["Не найден. Зарегистрировать? (да/нет)", "да", "нет"],
    ["Create an account? (yes/no)", "yes", "no"],
    ["[R]egister or [L]ogin: ", "R", "L"],
    ["login or register? ", "register", "login"],
    ["Hi! Type 'login' or 'register':", "register", "login"],
    ["Введите «вход» или «регистрация»: ", "регистрация", "вход"],
  ] as const;
  for (const [menu, first, later] of menus) {
    assertEquals([choiceIn(menu, REGISTERS), choiceIn(menu, LOGS_IN)], [first, later], menu);
  }
  for (
    const question of [
      "Введите имя для входа или регистрации: ",
      "Логин: ",
      "1 - отправить\n2 - выход",
      "Unknown. Enter a login to register: ",
    ]
  ) {
    assertEquals(choiceIn(question, REGISTERS), undefined, question);
  }
});

Deno.test("numberOf() finds the way in by a token", () => {
  assertEquals(numberOf("1 - авторизация\n2 - регистрация\n3 - вход по токену\n> ", BY_TOKEN), "3");
  assertEquals(numberOf("1 login, 2 register, 3 token", BY_TOKEN), "3");
  assertEquals(numberOf("Имя или токен: ", BY_TOKEN), undefined);
});

Deno.test("commandsIn() finds the two commands of a usage", () => {
  const usage = "Сначала войдите: /login имя пароль или /register имя пароль";
  assertEquals(commandsIn(usage), { register: "/register", logIn: "/login" });
  assertEquals(commandsIn("Use REG <name> <password> or LOGIN <name> <password>"), { register: "REG", logIn: "LOGIN" });
  assertEquals(commandsIn("ERR use AUTH <login> <password>"), { register: "AUTH", logIn: "AUTH" });
  assertEquals(commandsIn("Командой: /auth логин пароль"), { register: "/auth", logIn: "/auth" });
  for (const question of ["Введите имя и пароль", "Enter login and password", "Login, name and password:"]) {
    assertEquals(commandsIn(question), undefined, question);
  }
});

Deno.test("tokenIn() takes a token without what it is called, and neither name nor password", () => {
  const who = { name: "Checkabcde", password: "correct-horse-battery" };
  assertEquals(tokenIn("Добро пожаловать! token=Zm9vYmFyYmF6cXV4Zm9v", who), "Zm9vYmFyYmF6cXV4Zm9v");
  assertEquals(tokenIn("Ваш токен: 0f8fad5b-d9cb-469f-a165-70867728950e", who), "0f8fad5b-d9cb-469f-a165-70867728950e");
  assertEquals(tokenIn("Привет! Номер вашей сессии: 482915", who), "482915");
  assertEquals(tokenIn("Hi, session id is s-17, valid for 3600 s", who), "s-17");
  assertEquals(tokenIn("Токен действует 3600 секунд", who), undefined);
  assertEquals(tokenIn("Hello, Checkabcde: correct-horse-battery", who), undefined);
});

Deno.test("isWelcome() is for greetings that ask for nothing", () => {
  for (const greeting of ["Welcome to the server!", "Привет!\n"]) assertEquals(isWelcome(greeting), true, greeting);
  for (const greeting of ["Добро пожаловать! Назовите себя", "Hello, who are you?", "Enter your name", "Пароль"]) {
    assertEquals(isWelcome(greeting), false, greeting);
  }
});

Deno.test("withoutTracebacks() leaves what a program meant to print", () => {
  const python = [
    "Exception in thread Thread-7 (handle):",
    "Traceback (most recent call last):",
    '  File "s.py", line 11, in handle',
    "    data = conn.recv(1024)",
    "ConnectionResetError: [Errno 104] Connection reset by peer",
  ];
  const told = "ConnectionResetError: [Errno 104] Connection reset by peer";
  assertEquals(withoutTracebacks(python.join("\n")), { lines: [], exception: told });
  assertEquals(withoutTracebacks(["клиент", ...python, "ушёл"].join("\n")), {
    lines: ["клиент", "ушёл"],
    exception: told,
  });
  const struct = "struct.error: 'H' format requires 0 <= number <= 65535";
  assertEquals(withoutTracebacks([...python.slice(0, -1), struct].join("\n")), { lines: [], exception: struct });
  const asyncio = ["Fatal error: protocol.data_received() call failed.", "protocol: <__main__.P>", ...python.slice(1)];
  assertEquals(withoutTracebacks(asyncio.join("\n")), { lines: [], exception: told });
  const java = ['Exception in thread "Thread-1" java.io.IOException: reset', "\tat s40.main(s40.java:9)", "готово"];
  assertEquals(withoutTracebacks(java.join("\n")).lines, ["готово"]);
  // Threads that die at once, and one before them.
  const mixed = [
    ...["Exception in thread Thread-1 (serve):", ...python],
    ...["Exception in thread Exception in thread Thread-1 (serve):", "Thread-2 (serve):", "    self.run()"],
    ...['NameErrorNameError: : name "clients" is not defined', 'name "clients" is not defined', "self.run()"],
    "NameError: clients",
  ];
  assertEquals(withoutTracebacks(mixed.join("\n")).lines, []);
  assertEquals(withoutTracebacks([...mixed, "client has left", ...mixed].join("\n")).lines, ["client has left"]);
  assertEquals(withoutTracebacks("Error: клиент не отвечает\n  1 клиент"), {
    lines: ["Error: клиент не отвечает", "  1 клиент"],
  });
});

Deno.test("REFUSED is for refusals, not for those who come again", () => {
  for (
    const words of ["Неверный пароль", "Доступ запрещён", "Попробуйте ещё раз", "Please try again", "Nepravilnyy parol"]
  ) {
    assertEquals(REFUSED.test(words), true, words);
  }
  for (
    const words of ["Снова здравствуйте, Анна", "Рад снова видеть тебя, Анна!", "Hello again, Anna", "Вход выполнен"]
  ) {
    assertEquals(REFUSED.test(words), false, words);
  }
});
