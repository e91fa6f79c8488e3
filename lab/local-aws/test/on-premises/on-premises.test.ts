/** The client, through a gateway that checks the caller. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type TestFleet } from '../../../demo/test/aws/instances/test-fleet.ts';
import { createAccessControl } from '../../iam/access-control.ts';
import { createCalls } from '../../iam/calls.ts';
import { createSessions } from '../../iam/sessions.ts';
import { startMachine, stopMachine } from '../../on-premises/client.ts';
import { createOnPremises } from '../../on-premises/service.ts';
import { type Fixture, signedFor, startFixture } from '../gateway/gateway-fixture.ts';
import { ROOT } from '../root-credentials.ts';

let fleet: TestFleet;
let fixture: Fixture;

beforeAll(async () => {
  fleet = await startFleet();
  const access = createAccessControl({
    token: 'shared',
    sessions: createSessions(ROOT, Date.now),
    evaluator: { decide: async () => 'implicitDeny', forget: () => {} },
    calls: createCalls(),
    now: Date.now,
  });
  fixture = await startFixture([createOnPremises(fleet.instances)], access);
});
afterAll(async () => {
  await fixture.close();
  await fleet.stop();
});

const endpoint = () => ({ gatewayUrl: fixture.gateway.url, region: 'us-east-1', credentials: ROOT });
const machineAt = (address: string) => fleet.instances.describe().find(({ privateIp }) => privateIp === address);

describe('a server on premises', () => {
  it('starts with its user data, and is not a managed node by itself', async () => {
    const { machineId, nodeId } = await startMachine(endpoint(), 'edge', '10.7.0.4', '#!/bin/bash\necho up >"$HOME/up"\n');
    expect(nodeId).toBeUndefined();
    expect(machineAt('10.7.0.4')).toMatchObject({ instanceId: machineId, name: 'edge', state: 'running' });
    expect(fleet.instances.list()).toEqual([]);
    await stopMachine(endpoint(), machineId);
    expect(machineAt('10.7.0.4')).toBeUndefined();
    await stopMachine(endpoint(), machineId);
  });

  it('that does not start is ended, and the error has its script’s output', async () => {
    const script = '#!/bin/bash\necho the licence has run out >&2\nexit 3\n';
    await expect(startMachine(endpoint(), 'edge', '10.7.0.5', script)).rejects.toThrow(
      'StartMachine: edge did not start: its user data ended with 3: the licence has run out',
    );
    expect(machineAt('10.7.0.5')).toBeUndefined();
  });

  it('cannot be started without the key', async () => {
    const reply = await fetch(fixture.gateway.url, {
      method: 'POST',
      headers: { ...signedFor('holdfast-on-premises'), 'x-amz-target': 'OnPremises.StartMachine' },
      body: JSON.stringify({ Name: 'edge', IpAddress: '10.7.0.6' }),
    });
    expect(reply.ok).toBe(false);
    expect(machineAt('10.7.0.6')).toBeUndefined();
  });
});
