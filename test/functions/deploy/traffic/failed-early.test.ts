/** A roll that fails before it has recorded how its target is registered: the target is still in the group, at ports of its own. */
import { beforeEach, expect, it } from 'vitest';
import { createTraffic } from '../../../../functions/deploy/traffic/traffic.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Lease, TargetProgress } from '../../../../functions/records/types.ts';
import { beginDeploy, createClock, DEPLOY, ROLL, recordingLog } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

const HERE = [{ port: 8081 }, { port: 8082 }];
const EARLIER = { deployId: 'd0', registrations: [{ port: 8083 }] };

let records: Records;
let lease: Lease;
let targetGroup: ReturnType<typeof fakeTargetGroup>;

beforeEach(async () => {
  records = memoryRecords();
  lease = await beginDeploy(records);
  await records.putRegistrations('web', 'i-1', EARLIER);
  targetGroup = fakeTargetGroup({ 'i-1': 'healthy', 'i-2': 'healthy', 'i-3': 'healthy' }, { 'i-1': HERE });
});

async function putBack(target: Partial<TargetProgress>, mayFail?: true) {
  await records.updateTarget('web', 'd1', 'i-1', target);
  const traffic = createTraffic({ records, targetGroup, log: recordingLog(), now: createClock().now });
  const error = { Error: 'CommandFailed', Cause: 'the agent is silent' };
  await traffic({ step: 'putBack', deploy: DEPLOY, lease, roll: { ...ROLL, ...(mayFail && { mayFail }) }, error });
  return targetGroup.calls;
}

it('is registered where it is, and not at the group’s port in addition, where nothing listens', async () => {
  expect(await putBack({ phase: 'waiting' })).toEqual(['register i-1 at 8081, 8082']);
});

it('is taken out where it is when only the placeholder answers on it, and can be put back there', async () => {
  expect(await putBack({ phase: 'waiting', fromVersion: 'none' }, true)).toEqual(['deregister i-1 at 8081, 8082']);
  expect(await records.getRegistrations('web', 'i-1')).toEqual({ deployId: 'd1', registrations: HERE });
});

it('is left as it is while its server is prepared, and so is what earlier deploys recorded', async () => {
  expect(await putBack({ phase: 'preparing' })).toEqual([]);
  expect(await records.getRegistrations('web', 'i-1')).toEqual(EARLIER);
});
