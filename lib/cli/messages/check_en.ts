/** What grading a server says, in English; the report's frame is that of both graders. */
export const checkEn = {
  "check.head": "{target}, framing {framing}",
  "check.head.unframed": "{target}, no framing found",
  "check.task": "Task {task}",
  "check.sent": "sent",
  "check.received": "received",
  "check.likely": "likely",
  "check.see": "see",
  "check.summary": "passed {passed} · failed {failed} · not applicable {skipped}",
} as const;
