/** What only the scripts themselves read of a server that runs: counts from text, and sessions. The rest: documents-conformance, sessions-in-memory. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTRACT, release, STATUS_PORT_CONTRACT, TEXT_CONTRACT } from '#local-aws/test/instances/fixture-release.ts';
import { observeOutput, waitIdleOutput } from '../../../functions/instance/document-contract.ts';
import { startFleet, type TestFleet } from '../../../lab/demo/test/aws/instances/test-fleet.ts';

let fleet: TestFleet;
let instanceId: string;
let url: string;
/** A server without a release. */
let other: Awaited<ReturnType<TestFleet['launch']>>;

beforeAll(async () => {
  fleet = await startFleet();
  const [machine, second] = await Promise.all([fleet.launch(), fleet.launch()]);
  other = second;
  instanceId = machine.instanceId;
  url = `http://127.0.0.1:${machine.port}`;
  await fleet.install(instanceId, '1.0.0', await release());
});
afterAll(() => fleet.stop());

const run = async (document: string, parameters: Record<string, string>): Promise<unknown> =>
  JSON.parse((await fleet.run(instanceId, document, parameters)).StandardOutputContent);
const WATCH = { fencingToken: '5', sliceSeconds: '2', quietSeconds: '0.1' };

describe('a release', () => {
  it('reports the sessions in its memory', async () => {
    expect(waitIdleOutput.parse(await run('test-waitIdle', WATCH))).toMatchObject({ signal: 'counts', sessions: 7 });
    const readiness = await run('test-observe', { attempts: '1', intervalSeconds: '0.1', confirmSeconds: '0.1' });
    expect(observeOutput.parse(readiness)).toMatchObject({ lastAnswer: '200 UP', sessions: 7 });
  });

  it('reports counts in text', async () => {
    await fleet.install(instanceId, '1.1.0', await release({}, TEXT_CONTRACT), { fencingToken: '5' });
    await fetch(url);
    const output = waitIdleOutput.parse(await run('test-waitIdle', WATCH));
    expect(output).toMatchObject({ signal: 'counts', inFlight: 0, requests: 1 });
  });

  it('reports counts of a port that only probes use: another one for each local server', async () => {
    await fleet.install(instanceId, '1.2.0', await release({ statusPort: true }, STATUS_PORT_CONTRACT), { fencingToken: '5' });
    await fetch(url);
    const output = waitIdleOutput.parse(await run('test-waitIdle', WATCH));
    expect(output).toMatchObject({ signal: 'counts', inFlight: 0, requests: 1001, sessions: 7 });
    const ports = [instanceId, other.instanceId].map((id) => fleet.instances.describe().find((one) => one.instanceId === id)?.statusPort);
    expect(new Set([...ports, other.port]).size).toBe(3);
  });

  it('shows its sessions, cookie and time-out to a dry run as well, by the document that only reads, and only if it asks', async () => {
    const contract = { ...CONTRACT, session: { cookie: 'SID', timeoutSeconds: 1800 } };
    await fleet.install(instanceId, '2.0.0', await release({}, contract), { fencingToken: '5' });
    const counting = { attempts: '0', intervalSeconds: '0', confirmSeconds: '0' };
    const known = observeOutput.parse(await run('test-observe', { ...counting, sessions: 'known' }));
    expect(known).toMatchObject({ sessions: 7, sessionCookie: 'SID', sessionRoute: instanceId, sessionTimeoutSeconds: 1800 });
    expect(known).not.toHaveProperty('sessionsReason');
    expect(observeOutput.parse(await run('test-observe', counting))).not.toHaveProperty('sessionCookie');
  });
});
