import { expect, it } from 'vitest';
import { unclaimed } from '../../../functions/records/suspension.ts';

const BOTH = ['HealthCheck', 'Terminate'];
const suspension = (epoch: number, suspendedByDeploy = BOTH) => ({
  ...{ deployId: 'd1', epoch, suspendedByDeploy, round: 1, autoScalingGroupName: 'g', alreadySuspended: [] },
});

it.each<[string, Parameters<typeof unclaimed>[0], readonly string[]]>([
  ['nothing while its holder has not begun to resume', { suspension: suspension(2001), resumedEpoch: 2000 }, []],
  ['everything once that has begun', { suspension: suspension(2001), resumedEpoch: 2001 }, BOTH],
  ['everything when nothing is on record', {}, BOTH],
  ['what the record does not name', { suspension: suspension(2001, ['HealthCheck']), resumedEpoch: 2000 }, ['Terminate']],
])('nobody resumes, after a suspend, %s', (_, lock, expected) => {
  expect(unclaimed(lock, BOTH)).toEqual(expected);
});
