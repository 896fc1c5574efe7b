// What is stored for an issue: its fields, and a readable page made of them.

const LINES = 1150;
const LINE_LENGTH = 100;

// About 115 KB. A real app would add the description, the history and the comments; here the page
// repeats what the event brings, so that the sample needs no permission to read more.
export function snapshotOf(issue) {
  const { summary, project, status, reporter, created } = issue.fields;
  const facts = `${project.key} ${issue.key} ${summary} (${status.name}, ${reporter.accountId})`;
  const page = Array.from({ length: LINES }, (_, i) =>
    `${i + 1} ${facts}`.padEnd(LINE_LENGTH - 1).slice(0, LINE_LENGTH - 1),
  );
  return { key: issue.key, summary, created, page: page.join('\n') };
}
