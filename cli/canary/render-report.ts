/** The report as text. Pure. */

import { type CanaryReport, type ReportLine, SEVERITIES } from '../../functions/canary/contract/findings.ts';
import { FRAMEWORK_NAMES, type Framework, fixesOf, frameworksOf } from '../../functions/canary/findings/more-fixes.ts';
import { counted } from '../../functions/shared/texts.ts';
import { MARKS } from '../output.ts';

interface FixedLine extends ReportLine {
  /** What to do, by framework. */
  readonly fix?: Readonly<Partial<Record<Framework, string>>>;
}
export interface FixedReport extends Omit<CanaryReport, 'lines'> {
  readonly lines: readonly FixedLine[];
}

/** With the fixes for the frameworks that the site's cookies show, or else for all. */
export function withFixes(report: CanaryReport): FixedReport {
  const known = frameworksOf(report.lines);
  return { ...report, lines: report.lines.map((line) => ({ ...line, ...(line.finding && { fix: fixesOf(line.finding, known) }) })) };
}

const SAID = { holds: '', finding: '', notice: 'notice: ', 'not-checked': 'not checked: ' } as const;

/** One line per check that holds, then the others, with the worst last, next to the prompt. */
export function renderReport(report: FixedReport): string {
  const open = report.lines.filter(({ fix, accepted }) => fix !== undefined && accepted === undefined);
  const isUnknown = open.length > 1 && open.every(({ fix = {} }) => Object.keys(fix).length === Object.keys(FRAMEWORK_NAMES).length);
  const lines = SEVERITIES.flatMap((severity) =>
    report.lines.filter((line) => line.severity === severity).map((line) => render(line, !isUnknown)),
  );
  return [...lines, ...(isUnknown ? fixesByFramework(report) : []), '', summary(report)].join('\n');
}

/** Where no cookie shows the framework, a reader looks for one's own, once for all findings. */
function fixesByFramework({ lines }: FixedReport): readonly string[] {
  const fixed = lines.filter(({ fix, accepted }) => fix !== undefined && accepted === undefined);
  const texts = (framework: string) =>
    fixed.flatMap(({ finding, fix }) => {
      const text = fix?.[framework as Framework];
      return text === undefined ? [] : [`    ${finding}: ${text}`];
    });
  const all = Object.entries(FRAMEWORK_NAMES).flatMap(([framework, name]) => [`  ${name}`, ...new Set(texts(framework))]);
  return ['', 'fixes, by framework; of a product, look in its own settings of cookies and sessions:', ...all];
}

function render({ severity, check, result, what, finding, clauses = [], why, fix, accepted }: FixedLine, hasFix: boolean): string {
  const head = `${MARKS[severity]} ${finding ?? check}: ${SAID[result]}${what}`;
  if (accepted !== undefined) return `${head}\n  accepted: ${accepted}`;
  if (fix === undefined) return head;
  return [
    `${head}${clauses.length > 0 ? ` (ASVS ${clauses.join(', ')})` : ''}`,
    `  why: ${why}`,
    ...Object.entries(hasFix ? fix : {}).map(
      ([framework, text], at) => `${at === 0 ? '  fix: ' : '       '}${FRAMEWORK_NAMES[framework as Framework].padEnd(8)} ${text}`,
    ),
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
