import { expect, it } from 'vitest';
import { renderReport, withFixes } from '../../../cli/canary/render-report.ts';
import type { ReportLine } from '../../../functions/canary/contract/findings.ts';

const line = (finding: 'no-hsts' | 'page-cacheable', what: string): ReportLine => ({
  ...{ check: 'transport', result: 'finding', severity: 'warning', what, finding, why: 'it matters' },
});
const textOf = (...lines: readonly ReportLine[]) =>
  renderReport(
    withFixes({ url: 'https://shop.example/', lines, findings: lines.length, worst: 'warning', sent: { requests: 1, logins: 1 } }),
  );

it('fixes are listed once at the end where no cookie shows the framework, and with each finding otherwise', () => {
  const unknown = textOf(line('no-hsts', 'none'), line('page-cacheable', 'stored'));
  expect(unknown.match(/^ {2}Django$/gm)).toHaveLength(1);
  expect(unknown).not.toContain('  fix: ');
  const known = textOf(line('no-hsts', 'cookie laravel_session'), line('page-cacheable', 'stored'));
  expect(known.match(/ {2}fix: Laravel/g)).toHaveLength(2);
});
