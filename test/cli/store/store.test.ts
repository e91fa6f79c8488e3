import { describe, expect, it } from 'vitest';
import { METHODS } from '../../../cli/store/store.ts';
import { type AnnouncedCloud, withAnnouncedCloud } from '../announced-cloud.ts';
import { onlyLine, PLACE, runCli } from '../run-cli.ts';
import { READING } from './readings.ts';

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
});
const record = (takenAtMs: number) => {
  const reading = { ...READING, takenAtMs };
  cloud.items.set('STORE|READING', { pk: 'STORE', sk: 'READING', reading, counters: {}, primaries: [], window: [], watchedSinceMs: 1 });
  return reading;
};

describe('store', () => {
  it('prints the latest reading in one line, with its age and the methods of its estimates', async () => {
    const reading = record(Date.now() - 5_000);
    const { code, stdout } = await runCli(state.folder, ['store', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([
      0,
      { ...PLACE, ...reading, ageSeconds: expect.any(Number), stale: false, unreachable: null, methods: METHODS },
    ]);
  });

  it('reports a store that is unreachable, and not that the collector has stopped', async () => {
    record(Date.now() - 600_000);
    const unreachable = { sinceMs: Date.now() - 540_000, seenAtMs: Date.now() - 5_000, failed: [{ name: 'one:6379', error: 'no answer' }] };
    cloud.items.set('STORE|UNREACHABLE', { pk: 'STORE', sk: 'UNREACHABLE', ...unreachable });
    const { stdout } = await runCli(state.folder, ['store']);
    expect(stdout).toMatch(/^UNREACHABLE {2}since .*, 9 min: no primary answers \(one:6379: no answer\)/m);
    expect(stdout).not.toContain('collector has stopped');
    expect(onlyLine((await runCli(state.folder, ['store', '--json'])).stdout)).toMatchObject({ stale: true, unreachable });
    cloud.items.delete('STORE|READING');
    const never = await runCli(state.folder, ['store', '--json']);
    expect([never.code, onlyLine(never.stdout)]).toEqual([
      1,
      { error: { code: 'StoreUnreachable', message: expect.stringContaining('no primary answers (one:6379: no answer)') } },
    ]);
  });

  it('explains what to do when there is none', async () => {
    const { code, stdout } = await runCli(state.folder, ['store', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([1, { error: { code: 'NoReading', message: expect.stringContaining('#collector-silent') } }]);
  });
});
