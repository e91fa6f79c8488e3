/** What README shows of `npm start -- --once`: the lines of today, and no more memory than docs/local-cloud.md promises. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { renderSummary } from '../../lab/demo/summary.ts';
import { MOST_MB } from '../../lab/demo/test/start/most-memory.ts';

const read = (file: string) => readFileSync(path.resolve(import.meta.dirname, '../..', file), 'utf8');
const sample = /^deploy +\d.*?peak memory (\d+) MB$/ms.exec(read('README.md'));
const withoutFigures = (text: string) => text.trim().replace(/\d+(\.\d+)*/g, '#');

const RUN = {
  deploy: { status: 'SUCCEEDED', executionArn: 'arn', from: '1.0.0', to: '1.1.0', targets: 3, seconds: 1 },
  traffic: {
    ...{ users: 200, requests: 1, failed: 0, sessions: 200, sessionsLost: 0, sessionsWentBack: 0 },
    ...{ p50Ms: 1, p99Ms: 1, p50MsBefore: 1, p99MsBefore: 1 },
  },
  realTime: false,
  ...{ setupSeconds: 1, totalSeconds: 1, peakRssMb: 1 },
};

it('has the lines that a run prints, of one that lost nothing', () => {
  expect(withoutFigures(sample?.[0] ?? '')).toBe(withoutFigures(renderSummary(RUN)));
  expect(sample?.[0]).toMatch(/failed 0\n.*200 of 200 users, lost 0\n/);
});

it('took no more memory than the documentation promises, and a full test checks', () => {
  expect(read('docs/local-cloud.md')).toContain(`At most ${MOST_MB.toLocaleString('en')} MB for \`npm start\``);
  expect(Number(sample?.[1])).toBeLessThanOrEqual(MOST_MB);
});
