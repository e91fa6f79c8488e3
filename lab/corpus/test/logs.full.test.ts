/** The recorded access logs, as the script reads them that servers run. */
import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FULL } from '../../../test/e2e/full-run.ts';
import { checkLogs } from '../check/check-logs.ts';
import { LARGE, LOG_CHANGES } from '../check/log-changes.ts';
import { checkLogNeighbours, wrongNeighbours } from '../check/log-neighbours.ts';
import { logFileOf, MAX_LOGS_BYTES, readLogRecordings } from '../logs/recorded-logs.ts';
import { LOG_SERVERS } from '../logs/servers.ts';

const recordings = readLogRecordings();
const names = [...LOG_SERVERS.values()].flatMap(({ formats }) => formats.map(({ name }) => name));

describe('the recorded logs', () => {
  it('are of each format of the table, by its name, and keep within their size', () => {
    expect([...recordings.keys()]).toEqual(names.toSorted());
    expect(names.length).toBeGreaterThanOrEqual(14);
    const bytes = names.map((name) => statSync(logFileOf(name)).size);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(MAX_LOGS_BYTES);
  });

  it('show of 200 users none that is lost, and each of those whose session was', () => {
    expect(checkLogs(recordings, { healthy: 200, fault: 20 }).wrong).toEqual([]);
  }, 60_000);

  it('have neighbours that are read like them in four of five cases, and every other with a gap that names the field', () => {
    const kinds = Object.keys(LOG_CHANGES).filter((kind, at) => kind !== LARGE && (FULL || at % 4 === 1));
    const report = checkLogNeighbours(recordings, (kind) => kinds.includes(kind));
    expect(wrongNeighbours(report)).toEqual([]);
    expect(report.cases).toBeGreaterThan(FULL ? 2_000 : 400);
  }, 120_000);
});
