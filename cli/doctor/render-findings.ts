/** The report as people read it. Pure. */
import { type Finding, SEVERITIES, type Severity } from './finding.ts';

const MARKS: Readonly<Record<Severity, string>> = { ok: '✓', notice: '·', unknown: '?', warning: '!', error: '✗' };
const INDENT = '  ';

/** What is well in one line each, in the order of the checks; then the rest, the worst last, where a terminal leaves the eye. */
export function renderFindings(findings: readonly Finding[]): string {
  const lines = SEVERITIES.flatMap((severity) =>
    findings.filter((finding) => finding.severity === severity).map(severity === 'ok' ? wellLine : explained),
  );
  return [...lines, '', summary(findings)].join('\n');
}

const wellLine = ({ severity, check, what }: Finding): string => `${MARKS[severity]} ${check}: ${what}`;

const explained = (finding: Finding): string =>
  [wellLine(finding), `${INDENT}why:  ${finding.why}`, ...(finding.mend === '' ? [] : [`${INDENT}mend: ${finding.mend}`])].join('\n');

function summary(findings: readonly Finding[]): string {
  const counted = SEVERITIES.toReversed().flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    if (count === 0) return [];
    return [`${count} ${severity}${count === 1 || severity === 'ok' || severity === 'unknown' ? '' : 's'}`];
  });
  return counted.join(', ');
}
