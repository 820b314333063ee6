/**
 * `completions bash|zsh|fish`: a script that completes commands, options and the values of those that can be listed.
 *
 * @module
 */
import type { Command, Tool } from "./command.ts";
import type { Shell } from "./completion_shells.ts";
import type { Option } from "./options.ts";

/** The script for a shell; the user loads it from a start-up file. */
export function completionScript(shell: Shell, tool: Tool, commands: readonly Command[]): string {
  const told = commands.filter(({ isHidden }) => !isHidden);
  return shell === "fish" ? fishScript(tool, told) : `${shell === "zsh" ? zshHead(tool) : ""}${bashScript(tool, told)}`;
}

/** Placeholders of values that are files or folders. */
const FILES = /^(FILE|DIR|NET\|@FILE|CMD)/;

/** zsh runs bash's functions through its own compatibility layer. */
function zshHead(tool: Tool): string {
  return `#compdef ${tool}\nautoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n`;
}

function bashScript(tool: Tool, commands: readonly Command[]): string {
  const name = `_${tool.replaceAll("-", "_")}`;
  const firsts = [...new Set(commands.map((command) => command.name.split(" ")[0] ?? ""))].filter(Boolean);
  const nested = firsts.flatMap((first) => {
    const verbs = commands.filter((command) => command.name.startsWith(`${first} `)).map(({ name }) =>
      name.split(" ")[1]
    );
    return verbs.length === 0 ? [] : [`    "${first}") words="${verbs.join(" ")}" ;;`];
  });
  const options = commands.map((command) =>
    `    "${command.name}") options="${spellings(Object.values(command.options)).join(" ")}" ;;`
  );
  return `${name}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="" words="" options="" at
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "\${COMP_WORDS[at]}" in
      ${firsts.join("|")}) command="\${COMP_WORDS[at]}"; break ;;
    esac
  done
  case "$command" in
    "") words="${firsts.join(" ")}" ;;
${nested.join("\n")}
  esac
  if [ -n "$words" ] && [ -n "$command" ]; then
    local verb="\${COMP_WORDS[at+1]}"
    case " $words " in
      *" $verb "*) if [ $((at + 1)) -lt "$COMP_CWORD" ]; then command="$command $verb"; words=""; fi ;;
    esac
  fi
  case "$command" in
${options.join("\n")}
  esac
  case "$command:$before" in
${commands.flatMap((command) => valueCases(command)).join("\n")}
    *) case "$word" in
        -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
        *) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
      esac ;;
  esac
}
complete -o default -F ${name} ${tool}
`;
}

function valueCases({ name, options }: Command): string[] {
  return Object.values(options).flatMap((option) => {
    const pattern = spellings([option]).map((spelling) => `"${name}:${spelling}"`).join("|");
    if (option.choices !== undefined) {
      return [`    ${pattern}) COMPREPLY=($(compgen -W "${option.choices.join(" ")}" -- "$word")) ;;`];
    }
    if (FILES.test(option.placeholder ?? "")) return [`    ${pattern}) COMPREPLY=($(compgen -f -- "$word")) ;;`];
    return option.placeholder === undefined ? [] : [`    ${pattern}) COMPREPLY=() ;;`];
  });
}

function fishScript(tool: Tool, commands: readonly Command[]): string {
  const firsts = [...new Set(commands.map(({ name }) => name.split(" ")[0] ?? ""))].filter(Boolean);
  const lines = [
    `complete -c ${tool} -f -n "not __fish_seen_subcommand_from ${firsts.join(" ")}" -a "${firsts.join(" ")}"`,
  ];
  for (const { name, options } of commands) {
    const [first = "", second] = name.split(" ");
    const seen = [first, second].filter(Boolean).map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
    const condition = name === "" ? `not __fish_seen_subcommand_from ${firsts.join(" ")}` : seen;
    if (second !== undefined) {
      lines.push(`complete -c ${tool} -f -n "__fish_seen_subcommand_from ${first}" -a "${second}"`);
    }
    for (const { name: long, short, placeholder, choices } of Object.values(options)) {
      const letter = short === undefined ? "" : ` -s ${short}`;
      const values = choices === undefined
        ? (FILES.test(placeholder ?? "") ? " -r -F" : placeholder === undefined ? " -f" : " -x")
        : ` -x -a "${choices.join(" ")}"`;
      lines.push(`complete -c ${tool} -n "${condition}" -l ${long}${letter}${values}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function spellings(options: readonly Option<unknown>[]): string[] {
  return options.flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]);
}
