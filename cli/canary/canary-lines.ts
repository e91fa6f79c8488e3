/** The last result of a fleet's canary as lines of text. Pure. */
import { type CanaryRecord, openFindings } from '../../functions/canary/contract/canary-records.ts';
import { counted, durationText } from '../../functions/shared/texts.ts';

const DAY_MS = 86_400_000;

/** What `status` and the console show of it; empty without a canary. */
export function canaryLines(record: CanaryRecord | undefined, nowMs: number): string[] {
  if (record === undefined) return [];
  const { ranAtMs, failed, sessions, vanishedAtMs } = record;
  const findings = openFindings(record);
  const ago = (atMs: number) => `${durationText(Math.max(0, nowMs - atMs))} ago`;
  const ran = ranAtMs === undefined ? 'all checks have not run yet' : `all checks ran ${ago(ranAtMs)}`;
  const vanished = vanishedAtMs.filter((atMs) => nowMs - atMs < DAY_MS).length;
  const count = counted(findings.length, 'finding');
  return [
    `canary   ${[...(ranAtMs === undefined ? [] : [count]), ran, `${counted(sessions, 'session')} kept`, `${vanished} vanished in the last day`].join(', ')}`,
    ...findings.map(({ finding, what }) => `  ${finding}: ${what}`),
    ...(failed ? [`  has not worked for ${durationText(Math.max(0, nowMs - failed.sinceMs))}: ${failed.what}`] : []),
  ];
}
