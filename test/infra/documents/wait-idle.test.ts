import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type WaitIdleOutput, waitIdleOutput } from '../../../functions/instance/documents.ts';
import { CONTRACT_WITHOUT_COUNTS, release, TEXT_CONTRACT } from '../../local/aws/instances/fixture-release.ts';
import { startFleet, type TestFleet } from '../../local/aws/instances/test-fleet.ts';

let fleet: TestFleet;
let instanceId: string;
let url: string;

beforeAll(async () => {
  fleet = await startFleet();
  const machine = await fleet.launch();
  instanceId = machine.instanceId;
  url = `http://127.0.0.1:${machine.port}`;
  await fleet.install(instanceId, '1.0.0', await release());
}, 20_000);
afterAll(() => fleet.stop());

async function watch(parameters: Record<string, string>): Promise<WaitIdleOutput> {
  const outcome = await fleet.run(instanceId, 'test-waitIdle', {
    fencingToken: '5',
    sliceSeconds: '2',
    quietSeconds: '0.5',
    ...parameters,
  });
  return waitIdleOutput.parse(JSON.parse(outcome.StandardOutputContent));
}

describe('wait-idle', () => {
  it('ends early once nothing is in flight and it has been quiet for long enough', async () => {
    const began = performance.now();
    const output = await watch({});
    expect(output).toMatchObject({ countsOffered: true, inFlight: 0, sessions: 7 });
    expect(output.quietSeconds).toBeGreaterThanOrEqual(0.5);
    expect(performance.now() - began).toBeLessThan(1_800);
  });

  it('does not end before its floor, and then at once', async () => {
    const began = performance.now();
    const output = await watch({ floorSeconds: '1.3' });
    expect(output).toMatchObject({ countsOffered: true, inFlight: 0 });
    expect(output.quietSeconds).toBeGreaterThan(1.2);
    expect(performance.now() - began).toBeLessThan(1_900);
  });

  it('ends with its slice when the floor is longer', async () => {
    const output = await watch({ sliceSeconds: '0.3', floorSeconds: '9' });
    expect(output.quietSeconds).toBeLessThan(1);
  });

  it('does not count its own probes', async () => {
    const first = await watch({});
    const second = await watch({ previousRequests: String(first.requests), previousQuietSeconds: String(first.quietSeconds) });
    expect(second.requests).toBe(first.requests);
  });

  it('carries quiet time over slices while the counter does not change', async () => {
    const first = await watch({ sliceSeconds: '0.3', quietSeconds: '30' });
    const next = await watch({
      sliceSeconds: '0.3',
      quietSeconds: '30',
      previousRequests: String(first.requests),
      previousQuietSeconds: '12',
    });
    expect(next.quietSeconds).toBeGreaterThanOrEqual(12);
  });

  it('starts again when a request arrived between the slices', async () => {
    const first = await watch({ sliceSeconds: '0', quietSeconds: '30' });
    await fetch(url);
    const next = await watch({
      sliceSeconds: '0.3',
      quietSeconds: '30',
      previousRequests: String(first.requests),
      previousQuietSeconds: '12',
    });
    expect(next.quietSeconds).toBeLessThan(2);
    expect(next.requests).toBe((first.requests ?? 0) + 1);
  });

  it('watches the whole slice while a request is in flight', async () => {
    const slow = fetch(`${url}/slow?ms=1500`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const output = await watch({ sliceSeconds: '0.6', quietSeconds: '0' });
    expect(output).toMatchObject({ inFlight: 1, quietSeconds: 0 });
    await slow;
  });

  it('reads counts from text', async () => {
    await fleet.install(instanceId, '1.1.0', await release({}, TEXT_CONTRACT), { fencingToken: '5' });
    await fetch(url);
    const output = await watch({ quietSeconds: '0.1' });
    expect(output).toMatchObject({ countsOffered: true, inFlight: 0, requests: 1 });
  });

  it('reports that a server without probes offers no counts', async () => {
    await fleet.install(instanceId, '1.2.0', await release({}, CONTRACT_WITHOUT_COUNTS), { fencingToken: '5' });
    const output = await watch({});
    expect(output).toEqual({ countsOffered: false, quietSeconds: 0, reason: "the release's contract has no inFlight and requests probes" });
  });

  it('reports that a stopped server offers no counts', async () => {
    await fleet.install(instanceId, '1.3.0', await release(), { fencingToken: '5' });
    await fleet.instances.systemctl(instanceId, 'stop', 'holdfast-app');
    const output = await watch({});
    expect(output).toMatchObject({ countsOffered: false, reason: expect.stringContaining('ConnectionRefusedError') });
  });

  it('rejects a stale fencing token', async () => {
    const outcome = await fleet.run(instanceId, 'test-waitIdle', { fencingToken: '4', sliceSeconds: '0.6', quietSeconds: '0' });
    expect(outcome).toMatchObject({ Status: 'Failed', StandardOutputContent: '' });
    expect(outcome.StandardErrorContent).toContain('StaleFencingToken');
  });
});
