/**
 * `completions bash|zsh|fish`: a script that completes commands, options and the values of those that can be listed.
 *
 * @module
 */
import type { Command, Tool } from "./command.ts";
import type { Shell } from "./completion_shells.ts";
import type { Option } from "./options.ts";

/** The script for a shell; the user loads it from a start-up file. */
export function completionScript(shell: Shell, { tool, commands, pages }: Completed): string {
  const told = { tool, commands: commands.filter(({ isHidden }) => !isHidden), pages };
  if (shell === "fish") return fishScript(told);
  return shell === "bash" ? bashScript(told) : `${zshHead(tool)}${bashScript(told)}${zshTail(tool)}`;
}

interface Completed {
  readonly tool: Tool;
  readonly commands: readonly Command[];
  /** Names of pages for `docs`. */
  readonly pages: readonly string[];
}

/** Placeholders of values that are files or folders. */
const FILES = /^(FILE|DIR|NET\|@FILE|CMD)/;

/**
 * zsh runs bash's functions through its own compatibility layer. A second `compinit` would forget the completions of the
 * other tool.
 */
function zshHead(tool: Tool): string {
  return `#compdef ${tool}
(( $+functions[compdef] )) || { autoload -U +X compinit && compinit }
(( $+functions[_bash_complete] )) || { autoload -U +X bashcompinit && bashcompinit }
`;
}

/** As a file in `$fpath` the script is loaded by the first completion, which it answers, too. */
function zshTail(tool: Tool): string {
  return `[ "$funcstack[1]" != "_${tool}" ] || _bash_complete -o default -F ${functionName(tool)}\n`;
}

function functionName(tool: Tool): string {
  return `_${tool.replaceAll("-", "_")}`;
}

/** The words of an operand that can be listed: shells, commands, pages. */
function wordsOf(
  { name, operands = [] }: Command,
  { firsts, pages }: { readonly firsts: readonly string[]; readonly pages: readonly string[] },
): readonly string[] {
  if (name === "help") return firsts;
  if (name === "docs") return pages;
  return operands[0]?.includes("|") ? operands[0].split("|") : [];
}

function bashScript({ tool, commands, pages }: Completed): string {
  const name = functionName(tool);
  const firsts = [...new Set(commands.map((command) => command.name.split(" ")[0] ?? ""))].filter(Boolean);
  const nested = firsts.flatMap((first) => {
    const verbs = commands.flatMap((command) => {
      const [own, verb] = command.name.split(" ");
      return own !== first ? [] : verb !== undefined ? [verb] : wordsOf(command, { firsts, pages });
    });
    return verbs.length === 0 ? [] : [`    "${first}") words="${verbs.join(" ")}" ;;`];
  });
  const options = commands.map((command) =>
    `    "${command.name}") options="${spellings(Object.values(command.options)).join(" ")}" ;;`
  );
  return `${name}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="" words="" options="" at
  # bash takes --name=value for three words.
  if [ "$word" = "=" ]; then word=""; elif [ "$before" = "=" ]; then before="\${COMP_WORDS[COMP_CWORD-2]}"; fi
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

function fishScript({ tool, commands, pages }: Completed): string {
  const firsts = [...new Set(commands.map(({ name }) => name.split(" ")[0] ?? ""))].filter(Boolean);
  const lines = [
    `complete -c ${tool} -f -n "not __fish_seen_subcommand_from ${firsts.join(" ")}" -a "${firsts.join(" ")}"`,
  ];
  for (const command of commands) {
    const { name, options } = command;
    const [first = "", second] = name.split(" ");
    const words = wordsOf(command, { firsts, pages });
    if (words.length > 0) {
      lines.push(`complete -c ${tool} -f -n "__fish_seen_subcommand_from ${first}" -a "${words.join(" ")}"`);
    }
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
