import { expect, it } from 'vitest';
import { sessionsCutOff } from '../../../../functions/deploy/control/control.ts';
import type { TargetProgress } from '../../../../functions/records/types.ts';
import { waitingSince } from '../../fakes/fixtures.ts';

const record = (...targets: Partial<TargetProgress>[]) => ({
  targets: Object.fromEntries(targets.map((target, index) => [`i-${index + 1}`, { ...waitingSince(1), ...target }])),
});

it.each([
  ['are those of all servers together', record({ sessionsCutOff: 2 }, {}, { sessionsCutOff: 3 }), 5],
  ['are none where every session ended in time', record({ sessionsCutOff: 0 }, {}), 0],
  ['are unknown of a deploy that waited for none', record({}, {}), undefined],
  ['are unknown of a deploy that has no server on record', record(), undefined],
  ['are unknown without a record', undefined, undefined],
])('sessions that were cut off %s', (_what, deploy, expected) => {
  expect(sessionsCutOff(deploy)).toBe(expected);
});
