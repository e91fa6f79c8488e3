import { type CanaryRecord, linesOf, type StoredLine, worstFirst } from '../../canary/schedule/canary-records.ts';
import type { Viewer } from '../contract.ts';
import { type Html, html, sentence, type Tone, table, timeText, toned, zoneText } from '../html.ts';

const TONES: Readonly<Record<StoredLine['severity'], Tone>> = {
  error: 'bad',
  warning: 'bad',
  unknown: 'busy',
  notice: 'quiet',
  ok: 'good',
};

/** One row per result, worst first, below a line that says when it was found. */
export function renderCanary(record: CanaryRecord | undefined, viewer: Viewer, rows: number): Html {
  if (record === undefined) return sentence(viewer, 'no turn of the canary yet');
  const { ranAtMs, failed, vanishedAtMs } = record;
  const parts = [
    ranAtMs === undefined ? 'all checks have not run yet' : `all checks ran at ${timeText(viewer, ranAtMs)} (${zoneText(viewer)})`,
    ...(failed ? [`it has not worked since ${timeText(viewer, failed.sinceMs)}: ${failed.what}`] : []),
    ...(vanishedAtMs.length > 0 ? [`a session vanished at ${timeText(viewer, vanishedAtMs.at(-1) as number)}`] : []),
  ];
  const lines = worstFirst(linesOf(record)).slice(0, rows);
  const head = sentence(viewer, `${parts.join('; ')}.`);
  if (lines.length === 0) return head;
  return html`${head}${table(
    viewer,
    ['Check', 'Result', 'What'],
    lines.map((line) => rowOf(line, viewer)),
  )}`;
}

const rowOf = ({ check, result, severity, finding, what, accepted }: StoredLine, viewer: Viewer) => [
  check,
  toned(viewer, TONES[severity], finding ?? result),
  accepted === undefined ? what : `${what} (accepted: ${accepted})`,
];
