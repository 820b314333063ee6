/** What both graders say, in English. `{name}` stands for a value. */
export const en = {
  "check.head": "{target}, framing {framing}",
  "check.head.unframed": "{target}, no framing found",
  "check.task": "Task {task}",
  "check.sent": "sent",
  "check.received": "received",
  "check.likely": "likely",
  "check.see": "see",
  "check.progress": "{number} of {count}: {id}",
  "check.summary": "passed {passed} · failed {failed} · not examined {skipped}",
  "reason.task_list": "write numbers of tasks from 1 to 8, such as 7, 1,7 or 1-4",
  "option.check.quiet": "print nothing but the last line: how many passed",
} as const;
