import { describe, expect, it } from 'vitest';
import { recallRegistrations } from '../../../functions/deploy/recall-registrations.ts';
import type { DeployRecord } from '../../../functions/shared/record-types.ts';
import type { Registration } from '../../../functions/shared/target-group.ts';

const deploy = (registrations?: readonly Registration[]): DeployRecord =>
  ({
    deployId: 'd',
    targets: { 'i-1': { phase: 'draining', order: 0, fromVersion: '1', phaseStartedAtMs: 0, ...(registrations && { registrations }) } },
  }) as unknown as DeployRecord;

const OWN = [{ port: 1 }];
const NOW = [{ port: 2 }];
const EARLIER = [{ port: 3 }];

describe('recallRegistrations', () => {
  it.each<[string, DeployRecord | undefined, readonly Registration[], readonly DeployRecord[], readonly Registration[]]>([
    ["the deploy's own record first: the step is delivered again", deploy(OWN), NOW, [deploy(EARLIER)], OWN],
    ['the load balancer, where the record says nothing', deploy(), NOW, [deploy(EARLIER)], NOW],
    ['the record of nothing for nothing known', deploy([]), NOW, [], NOW],
    ['the last deploy that knew, for a target that is out', deploy(), [], [deploy([]), deploy(EARLIER), deploy(OWN)], EARLIER],
    ['nothing, for one that never was registered', undefined, [], [], []],
  ])('takes %s', (_, own, now, earlier, expected) => {
    expect(recallRegistrations('i-1', own, now, earlier)).toEqual(expected);
  });
});
