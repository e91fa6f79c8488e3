import { expect, it } from 'vitest';
import type { FleetMember } from '../../../../functions/deploy/assess/fleet-members.ts';
import { judgeNewTargets } from '../../../../functions/deploy/assess/while-paused.ts';

const member = (instanceId: string, health: string, lifecycle: FleetMember['lifecycle'] = 'inService'): FleetMember => ({
  instanceId,
  lifecycle,
  version: '2',
  health,
});
const judge = (members: readonly FleetMember[], storeFailedOver = false) =>
  judgeNewTargets({ version: '2', done: ['i-1', 'i-2'], members, storeFailedOver });

it.each<[string, readonly FleetMember[]]>([
  ['both serve', [member('i-1', 'healthy'), member('i-2', 'healthy')]],
  ['one is gone, and the other serves', [member('i-1', 'healthy')]],
  ['one is registered again', [member('i-1', 'initial')]],
  ['another server is unhealthy, which has the previous release', [member('i-1', 'healthy'), member('i-3', 'unhealthy')]],
])('a wait goes on while %s', (_, members) => {
  expect(judge(members)).toBeUndefined();
});

it.each<[string, readonly FleetMember[], RegExp]>([
  ['one turns unhealthy', [member('i-1', 'healthy'), member('i-2', 'unhealthy')], /^i-2 turned unhealthy with release 2/],
  ['none is left', [], /no server with release 2 serves any more \(i-1, i-2\)/],
  ['none is registered', [member('i-1', 'unused'), member('i-2', 'draining')], /serves any more/],
  ['the last one leaves its group', [member('i-1', 'healthy', 'starting')], /serves any more/],
])('a wait ends when %s', (_, members, message) => {
  expect(judge(members)).toMatchObject({ name: 'TargetFailed', message: expect.stringMatching(message) });
});

it('leaves health to the operator after a failover of the store, which it can be due to', () => {
  expect(judge([member('i-1', 'unhealthy')], true)).toBeUndefined();
});
