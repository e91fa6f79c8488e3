import { expect, it } from 'vitest';
import { SITE } from '../../alarms/happening.ts';
import { judgeFires, judgeSilent, wrongOf } from '../../alarms/judge.ts';
import { parseOptions } from '../../alarms/options.ts';

const run = (...fired: readonly (readonly [alarm: string, seconds: number])[]) => ({
  site: SITE,
  momentMs: 1_000_000,
  before: 100,
  fired: fired.map(([alarm, seconds]) => ({ alarm: `holdfast-web-${alarm}`, atMs: 1_000_000 + seconds * 1_000 })),
});

it('counts from the trouble to the first alarm of the slowest run', () => {
  const runs = [run(['refusals', -60], ['redirects', 120]), run(['redirects', 240], ['target-5xx', 300])];
  expect(judgeFires('x', runs)).toEqual({ name: 'x', secondsToAlarm: 240, alarm: 'redirects' });
});

it('is null where one run has no alarm after the trouble', () => {
  expect(judgeFires('x', [run(['redirects', 120]), run(['redirects', -1])])).toEqual({ name: 'x', secondsToAlarm: null });
});

it('names what fires in an ordinary week once', () => {
  expect(judgeSilent('x', [run(['refusals', 1], ['redirects', 2], ['refusals', 3])])).toEqual({
    name: 'x',
    alarms: ['redirects', 'refusals'],
  });
});

it('finds late and missing alarms, false ones, and excuses that are not needed', () => {
  const fires = (name: string, secondsToAlarm: number | null) => ({ name, secondsToAlarm });
  const result = {
    mustFire: [fires('good', 300), fires('late', 301), fires('never', null), fires('excused', null), fires('healed', 100)],
    mustNot: [
      { name: 'quiet', alarms: [] },
      { name: 'false', alarms: ['refusals'] },
    ],
  };
  expect(wrongOf(result, ['excused', 'healed'])).toEqual(['late', 'never', 'healed', 'false']);
});

it('refuses a case that it does not know, and a seed that is none', () => {
  expect(() => parseOptions(['--only', 'earthquake'])).toThrow(/--only earthquake is no case: they are .*flushall/);
  expect(() => parseOptions(['--seed', 'a b'])).toThrow(/is not a seed/);
  expect(() => parseOptions(['--seeds', '0'])).toThrow(/--seeds 0 is not a number from 1 to 100/);
  expect(parseOptions(['--seeds', '20'])).toMatchObject({ seeds: 20 });
  expect(parseOptions(['--only', 'flushall,rotated-secret', '--json'])).toEqual({
    json: true,
    only: ['flushall', 'rotated-secret'],
    seed: 'one',
  });
});
