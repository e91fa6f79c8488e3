/** The report as text. Pure. */
import { type Finding, SEVERITIES, type Severity } from './finding.ts';

const MARKS: Readonly<Record<Severity, string>> = { ok: '✓', notice: '·', unknown: '?', warning: '!', error: '✗' };
const INDENT = '  ';

/** One line for each healthy check, then the others, with the worst last, next to the prompt. */
export function renderFindings(findings: readonly Finding[]): string {
  const lines = SEVERITIES.flatMap((severity) =>
    findings.filter((finding) => finding.severity === severity).map(severity === 'ok' ? headline : withReason),
  );
  return [...lines, '', summary(findings)].join('\n');
}

const headline = ({ severity, check, what }: Finding): string => `${MARKS[severity]} ${check}: ${what}`;

const withReason = (finding: Finding): string =>
  [headline(finding), `${INDENT}why: ${finding.why}`, ...(finding.fix === '' ? [] : [`${INDENT}fix: ${finding.fix}`])].join('\n');

function summary(findings: readonly Finding[]): string {
  const counted = SEVERITIES.toReversed().flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    if (count === 0) return [];
    return [`${count} ${severity}${count === 1 || severity === 'ok' || severity === 'unknown' ? '' : 's'}`];
  });
  return counted.join(', ');
}
