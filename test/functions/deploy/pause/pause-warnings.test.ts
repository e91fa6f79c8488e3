import { expect, it } from 'vitest';
import { type PauseWarningFacts, warnOfPause } from '../../../../functions/deploy/pause/pause-text.ts';

const member = (instanceId: string, health = 'healthy', version = '1.0.0') => ({ instanceId, version, health });
const facts = (more: Partial<PauseWarningFacts> = {}): PauseWarningFacts => ({
  storeFailedOver: false,
  done: ['i-1'],
  members: [member('i-1'), member('i-2'), member('i-3')],
  goesBackAnyway: false,
  settings: { minimumHealthyTargets: 2, registerTimeoutSeconds: 360 },
  ...more,
});

it.each<[string, Partial<PauseWarningFacts>]>([
  ['enough others are healthy', {}],
  ['the server with the release serves nobody', { members: [member('i-1', 'unhealthy'), member('i-2'), member('i-3', 'unhealthy')] }],
  ['the minimum does not apply', { members: [member('i-1')], goesBackAnyway: true }],
])('says nothing while %s', (_, more) => {
  expect(warnOfPause(facts(more))).toEqual([]);
});

it.each<[string, PauseWarningFacts['members']]>([
  ['unhealthy', [member('i-1'), member('i-2'), member('i-3', 'unhealthy')]],
  ['gone', [member('i-1'), member('i-2')]],
  ['a placeholder', [member('i-1'), member('i-2'), member('i-3', 'healthy', 'none')]],
])('says that a rejection could not take the new release out while one of three is %s', (_, members) => {
  const [warning, ...more] = warnOfPause(facts({ members }));
  expect(warning).toContain('too few other servers were healthy to take i-1 out of service (minimumHealthyTargets 2)');
  expect(warning).toContain('waits 360 s for the others');
  expect(more).toEqual([]);
});
