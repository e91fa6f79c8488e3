import { describe, expect, it } from 'vitest';
import { recallRegistrations } from '../../../../functions/deploy/traffic/still-enough.ts';
import type { RecordedRegistrations } from '../../../../functions/records/types.ts';
import type { Registration } from '../../../../functions/shared/aws/target-group.ts';

const OWN = { deployId: 'd1', registrations: [{ port: 1 }] };
const NOW = [{ port: 2 }];
const EARLIER = { deployId: 'd0', registrations: [{ port: 3 }] };

describe('recallRegistrations', () => {
  it.each<[string, RecordedRegistrations | undefined, readonly Registration[], readonly Registration[]]>([
    ["the deploy's own record first: the step is delivered again", OWN, NOW, OWN.registrations],
    ['the load balancer, where the deploy has recorded nothing', undefined, NOW, NOW],
    ['the load balancer before what an earlier deploy recorded', EARLIER, NOW, NOW],
    ['what the last deploy recorded, for a target that is out', EARLIER, [], EARLIER.registrations],
    ['nothing, for one that was never registered', undefined, [], []],
  ])('takes %s', (_, recorded, now, expected) => {
    expect(recallRegistrations('d1', recorded, now)).toEqual(expected);
  });
});
