/** The report as text. Pure. */

import { type CanaryReport, type ReportLine, SEVERITIES, type Severity } from '../../functions/canary/report/make-report.ts';
import { counted } from '../../functions/shared/counted.ts';

const MARKS: Readonly<Record<Severity, string>> = { ok: '✓', notice: '·', unknown: '?', warning: '!', error: '✗' };
const SAID = { holds: '', finding: '', notice: 'notice: ', 'not-checked': 'not checked: ' } as const;

/** One line per check that holds, then the others, with the worst last, next to the prompt. */
export function renderReport(report: CanaryReport): string {
  const lines = SEVERITIES.flatMap((severity) => report.lines.filter((line) => line.severity === severity).map(render));
  return [...lines, '', summary(report)].join('\n');
}

function render({ severity, check, result, what, finding, clauses = [], why, fix, accepted }: ReportLine): string {
  const head = `${MARKS[severity]} ${finding ?? check}: ${SAID[result]}${what}`;
  if (accepted !== undefined) return `${head}\n  accepted: ${accepted}`;
  if (fix === undefined) return head;
  return [
    `${head}${clauses.length > 0 ? ` (ASVS ${clauses.join(', ')})` : ''}`,
    `  why: ${why}`,
    `  fix: Express  ${fix.express}`,
    `       Spring   ${fix.spring}`,
    `       Tomcat   ${fix.tomcat}`,
  ].join('\n');
}

function summary({ lines, findings, sent }: CanaryReport): string {
  const count = (result: ReportLine['result']) => lines.filter((line) => line.result === result).length;
  const accepted = count('finding') - findings;
  return [
    `${findings} finding${findings === 1 ? '' : 's'}${accepted > 0 ? ` and ${accepted} accepted` : ''}`,
    `${count('holds')} hold`,
    `${count('not-checked')} not checked`,
    counted(sent.requests, 'request'),
    counted(sent.logins, 'login'),
  ].join(', ');
}
