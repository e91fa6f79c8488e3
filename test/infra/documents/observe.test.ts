import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ObserveOutput, observeOutput } from '../../../functions/instance/documents.ts';
import { release } from '../../local/aws/instances/fixture-release.ts';
import { startFleet, type TestFleet, USER_DATA_WITHOUT_PLACEHOLDER } from '../../local/aws/instances/test-fleet.ts';

let fleet: TestFleet;
let instanceId: string;

beforeAll(async () => {
  fleet = await startFleet();
  instanceId = (await fleet.launch()).instanceId;
}, 20_000);
afterAll(() => fleet.stop());

async function observe(attempts: string, intervalSeconds = '0.1', confirmSeconds = '0.1'): Promise<ObserveOutput> {
  const outcome = await fleet.run(instanceId, 'test-observe', { attempts, intervalSeconds, confirmSeconds });
  return observeOutput.parse(JSON.parse(outcome.StandardOutputContent));
}

describe('observe', () => {
  it('reports that no release is installed on a server without a placeholder', async () => {
    const userData = USER_DATA_WITHOUT_PLACEHOLDER;
    const { instanceId: other } = await fleet.launch({ userData });
    const outcome = await fleet.run(other, 'test-observe', { attempts: '2', intervalSeconds: '0.1', confirmSeconds: '0.1' });
    expect(JSON.parse(outcome.StandardOutputContent)).toEqual({
      upInARow: 0,
      attempts: 2,
      lastAnswer: 'no release with a gate path is installed',
      version: 'none',
    });
  });

  it('counts consecutive UP responses and reads the counters', async () => {
    await fleet.install(instanceId, '1.0.0', await release());
    expect(await observe('3')).toEqual({
      upInARow: 3,
      attempts: 3,
      lastAnswer: '200 UP',
      version: '1.0.0',
      inFlight: 0,
      requests: 0,
      errors: 0,
      sessions: 7,
      latencyMs: expect.any(Number),
    });
  });

  it('waits less after an UP than after another response', async () => {
    const startedMs = performance.now();
    expect(await observe('3', '20', '0.1')).toMatchObject({ upInARow: 3 });
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  it('returns the response of a release that is not UP', async () => {
    await fleet.install(instanceId, '1.1.0', await release({ down: true }));
    expect(await observe('2')).toMatchObject({ upInARow: 0, lastAnswer: '503 DOWN', version: '1.1.0' });
  });

  it('only reads the counters with zero attempts', async () => {
    expect(await observe('0')).toMatchObject({ upInARow: 0, attempts: 0, lastAnswer: 'not checked', errors: 0 });
  });

  it('returns the error of a server that does not respond, without its counters', async () => {
    await fleet.instances.systemctl(instanceId, 'stop', 'holdfast-app');
    const output = await observe('1');
    expect(output.lastAnswer).toContain('ConnectionRefusedError');
    expect(output.requests).toBeUndefined();
  });
});
