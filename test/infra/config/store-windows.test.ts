import { describe, expect, it } from 'vitest';
import { readWindows } from '#local-aws/elasticache/windows.ts';
import { windowProblems } from '../../../infra/config/store-windows.ts';
import { parse, refusal } from '../parse-config.ts';

const web = { allowPlainHttp: true };
const MAINTENANCE = 'sun:05:00-sun:06:00';
const SNAPSHOT = '03:00-04:00';

/** Maintenance, snapshot, and what is wrong: by the configuration and by the local ElastiCache, which share no code. */
const CASES: readonly (readonly [title: string, maintenance: string, snapshot: string, wrong: RegExp | undefined])[] = [
  ['the defaults', MAINTENANCE, SNAPSHOT, undefined],
  ['the night of Tokyo', 'sat:18:00-sat:19:00', '17:00-18:00', undefined],
  ['maintenance that begins when the snapshot ends', 'sun:04:00-sun:05:00', SNAPSHOT, undefined],
  ['maintenance that ends when the snapshot begins', 'sun:02:00-sun:03:00', SNAPSHOT, undefined],
  ['maintenance over midnight and the end of the week', 'sun:23:30-mon:00:30', '01:00-02:00', undefined],
  ['a snapshot over midnight', 'wed:02:00-wed:03:00', '23:30-00:30', undefined],
  ['59 minutes of maintenance', 'sun:05:00-sun:05:59', SNAPSHOT, /maintenance ?window.*(59 minutes|at least 60)/is],
  ['no minute of maintenance', 'sun:05:00-sun:05:00', SNAPSHOT, /maintenance ?window.*(0 minutes|at least 60)/is],
  ['a snapshot of half an hour', MAINTENANCE, '03:00-03:30', /snapshot ?window.*(30 minutes|at least 60)/is],
  ['a snapshot during maintenance', MAINTENANCE, '05:30-06:30', /overlap/],
  ['a snapshot that ends during maintenance', MAINTENANCE, '04:30-05:30', /overlap/],
  ['a snapshot around maintenance', MAINTENANCE, '04:00-08:00', /overlap/],
  ['a snapshot of the day before that goes on past midnight', 'mon:00:00-mon:01:00', '23:30-00:30', /overlap/],
  ['maintenance over the end of the week that meets Monday’s snapshot', 'sun:23:30-mon:00:30', '00:00-01:00', /overlap/],
  ['maintenance of a whole day', 'sun:05:00-mon:05:00', SNAPSHOT, /overlap/],
];

describe('the windows of a created store', () => {
  it.each(CASES)('%s', (_, maintenanceWindow, snapshotWindow, wrong) => {
    const config = { store: { maintenanceWindow, snapshotWindow }, fleets: { web } };
    if (wrong === undefined) {
      expect(parse(config).store).toMatchObject({ maintenanceWindow, snapshotWindow });
      expect(readWindows({ maintenanceWindow, snapshotWindow })).toEqual({ maintenanceWindow, snapshotWindow });
    } else {
      expect(refusal(config)).toMatch(wrong);
      expect(() => readWindows({ maintenanceWindow, snapshotWindow })).toThrow(wrong);
    }
  });

  it('are those of every day and minute that the local ElastiCache accepts', () => {
    const hour = (at: number) => `${String(at % 24).padStart(2, '0')}:00`;
    for (let at = 0; at < 24; at += 1)
      for (let length = 1; length < 24; length += 1) {
        const windows = { maintenanceWindow: 'sun:22:00-mon:02:00', snapshotWindow: `${hour(at)}-${hour(at + length)}` };
        const accepted = windowProblems(windows).length === 0;
        if (accepted) expect(readWindows(windows)).toEqual(windows);
        else expect(() => readWindows(windows), windows.snapshotWindow).toThrow('must not overlap');
      }
  });

  it('default to a Sunday in UTC, with upgrades', () => {
    expect(parse({ fleets: { web } }).store).toMatchObject({
      maintenanceWindow: MAINTENANCE,
      snapshotWindow: SNAPSHOT,
      autoMinorVersionUpgrade: true,
    });
  });

  it.each([
    ['maintenanceWindow', 'Sun:05:00-Sun:06:00', 'must be a weekly time in UTC, such as sun:05:00-sun:06:00'],
    ['maintenanceWindow', 'sun:05:00-06:00', 'must be a weekly time in UTC'],
    ['maintenanceWindow', 'sun:24:00-mon:01:00', 'must be a weekly time in UTC'],
    ['snapshotWindow', '3:00-4:00', 'must be a daily time in UTC, such as 03:00-04:00'],
    ['autoMinorVersionUpgrade', 'no', 'must be true or false'],
  ])('are refused in another form: %s %s', (key, value, message) => {
    const text = refusal({ store: { [key]: value }, fleets: { web } });
    expect(text).toContain(`store.${key} ("${value}")`);
    expect(text).toContain(message);
  });

  it('names the window that is wrong, with what it meets', () => {
    expect(refusal({ store: { snapshotWindow: '05:30-06:30' }, fleets: { web } })).toContain(
      'store.snapshotWindow ("05:30-06:30"): overlaps store.maintenanceWindow, sun:05:00-sun:06:00, which ElastiCache refuses, also without snapshots',
    );
  });
});
