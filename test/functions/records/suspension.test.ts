import { describe, expect, it } from 'vitest';
import { keptAt, planResume, unclaimed } from '../../../functions/records/suspension.ts';

const KEPT = { incidentId: 'inc-1', suspended: ['HealthCheck'], untilMs: 1_000 };
const BOTH = ['HealthCheck', 'Terminate'];
const suspension = (deployId: string, epoch: number, suspendedByDeploy = BOTH) => ({
  ...{ deployId, epoch, suspendedByDeploy, round: 1, autoScalingGroupName: 'g', alreadySuspended: [] },
});
const DEPLOYS = suspension('d1', 2001);
const ITS = suspension('inc-1', 2002, ['HealthCheck']);

describe('planResume', () => {
  const plan = (lock: Parameters<typeof planResume>[0], deployId = 'd1') =>
    planResume(lock, { deployId, epoch: deployId === 'd1' ? 2001 : 3001 }, deployId === 'd1' ? BOTH : ['HealthCheck'], 999);

  it.each<[string, Parameters<typeof plan>, object]>([
    ['resumes everything that no incident keeps', [{ deployId: 'd1', suspension: DEPLOYS }], { action: 'resume', processes: BOTH }],
    ['resumes again what is no longer on record', [{ deployId: 'd1' }], { action: 'resume', processes: BOTH }],
    [
      'hands back what an incident keeps, and resumes the rest',
      [{ deployId: 'd1', suspension: DEPLOYS, kept: KEPT }],
      { action: 'handBack', processes: ['Terminate'], kept: KEPT },
    ],
    [
      'drops first what a dead incident keeps',
      [{ deployId: 'd1', suspension: DEPLOYS, kept: { ...KEPT, untilMs: 999 } }],
      { action: 'drop', kept: { ...KEPT, untilMs: 999 } },
    ],
    ['leaves what it has handed back', [{ deployId: 'd1', suspension: ITS, kept: KEPT }], { action: 'leave' }],
    ['leaves a later round', [{ deployId: 'd1', suspension: suspension('d1', 2002) }], { action: 'leave' }],
    [
      'resumes what is the incident’s own',
      [{ deployId: 'inc-1', heldBy: 'incident', suspension: ITS, kept: KEPT }, 'inc-1'],
      { action: 'resume', processes: ['HealthCheck'] },
    ],
    [
      'leaves to a deploy what that is about to take from the incident',
      [{ deployId: 'd2', suspension: ITS, kept: KEPT }, 'inc-1'],
      { action: 'leave' },
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan(...facts)).toEqual(expected);
  });
});

describe('unclaimed, after a suspend', () => {
  it.each<[string, Parameters<typeof unclaimed>[0], readonly string[]]>([
    ['is nothing while its holder has not begun to resume', { suspension: DEPLOYS, resumedEpoch: 2000 }, []],
    ['is everything once that has begun', { suspension: DEPLOYS, resumedEpoch: 2001 }, BOTH],
    ['is everything when nothing is on record', {}, BOTH],
    ['is what the holder does not hand back, once it has begun', { suspension: DEPLOYS, resumedEpoch: 2001, kept: KEPT }, ['Terminate']],
    ['is what was not handed back', { suspension: ITS, resumedEpoch: 2001, kept: KEPT }, ['Terminate']],
    ['is everything once the incident resumes what it has again', { suspension: ITS, resumedEpoch: 3001, kept: KEPT }, BOTH],
    ['is nothing once another deploy has taken it', { suspension: suspension('d2', 3001), resumedEpoch: 2001, kept: KEPT }, []],
  ])('%s', (_, lock, expected) => {
    expect(unclaimed(lock, BOTH)).toEqual(expected);
  });
});

it('is kept until the time that the incident has renewed', () => {
  expect([keptAt({ kept: KEPT }, 999), keptAt({ kept: KEPT }, 1_000), keptAt({}, 0), keptAt(undefined, 0)]).toEqual([
    KEPT,
    undefined,
    undefined,
    undefined,
  ]);
});
