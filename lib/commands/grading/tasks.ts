import { UsageError } from "../../base/errors.ts";

/** `7`, `1,7,8`, `1-4,7`: the numbers of tasks, each once, ascending. */
export function parseTasks(text: string): readonly number[] {
  const parts = text.split(",").map((part) => /^\s*([1-8])(?:\s*-\s*([1-8]))?\s*$/.exec(part));
  const numbers = parts.flatMap((part) => {
    const [, from, to = from] = part ?? [];
    return Array.from({ length: Number(to) - Number(from) + 1 || 0 }, (_, at) => Number(from) + at);
  });
  if (parts.every((part) => part !== null) && numbers.length >= parts.length) {
    return [...new Set(numbers)].sort((a, b) => a - b);
  }
  throw new UsageError("bad_value", `Cannot use the value "${text}": it is no list of tasks`, {
    details: { value: text, reason: "task_list" },
  });
}
