import { describe, expect, it } from 'vitest';
import { EPOCH_MS } from '../../kernel/kernel.ts';
import type { RequestEnd } from '../contracts.ts';
import { ID, startServer } from '../ssm/one-server.ts';

/** Lets time pass. */
const pass = ({ kernel }: ReturnType<typeof startServer>, seconds: number) => kernel.run(kernel.now() + seconds * 1000);

/** Sends a request. @returns its end, once there is one */
function send({ servers }: ReturnType<typeof startServer>, durationMs: number): { end?: RequestEnd } {
  const sent: { end?: RequestEnd } = {};
  servers.serve(ID, {
    sessionId: 's1',
    durationMs,
    ended: (end) => {
      sent.end = end;
    },
  });
  return sent;
}

describe('a request', () => {
  it('is answered after its duration, with the session’s counter', async () => {
    const server = startServer(1);
    const sent = send(server, 700);
    expect(server.machine.application?.counts).toEqual({ inFlight: 1, requests: 1, errors: 0 });
    await pass(server, 1);
    expect(sent.end).toEqual({ kind: 'answered', status: 200, version: '1', counter: 1 });
    expect(server.machine.application?.counts.inFlight).toBe(0);
  });

  it('breaks when an install stops the application', async () => {
    const server = startServer(1);
    const sent = send(server, 50_000);
    await server.run(server.install);
    expect(sent.end).toEqual({ kind: 'broken' });
  });

  it.each([
    ['server.hanging', 'silent'],
    ['server.dead', 'silent'],
    ['instance.terminated', 'broken'],
  ] as const)('meets %s as %s', async (fault, kind) => {
    const server = startServer(1);
    const sent = send(server, 10_000);
    server.faults.strike(fault, ID, 90_000);
    await pass(server, 61);
    expect(sent.end).toEqual({ kind });
    expect(server.faults.within(0, ID)).toBe(true);
  });

  it('meets a server that restarts as a connection that is reset', async () => {
    const server = startServer(1);
    const sent = send(server, 10_000);
    server.faults.strike('server.restarting', ID, 0);
    expect(sent.end).toEqual({ kind: 'broken' });
    expect(server.servers.isUp(ID)).toBe(false);
    await pass(server, 120);
    expect(server.servers.isUp(ID)).toBe(true);
    expect(server.machine.application?.counts.requests).toBe(0);
  });
});

describe('a release', () => {
  it('that is not downloaded leaves the one before', async () => {
    const server = startServer(2, 'download');
    expect(await server.run(server.install)).toMatchObject({ result: 'failed', error: 'DownloadFailed' });
    expect(server.servers.installed(ID)).toBe('1');
  });

  it('that never comes up is replaced by the one before, or left to the readiness check', async () => {
    const found = new Set<string>();
    for (let seed = 1; seed <= 12; seed += 1) {
      const server = startServer(seed, 'start');
      const output = await server.run(server.install);
      found.add(output.result === 'failed' ? `${output.error}, ${output.serving} serves` : output.result);
    }
    expect([...found].sort()).toEqual(['ServiceDidNotStart, 1 serves', 'installed']);
  });

  it.each(['bake', 'settle'] as const)('that is bad at %s answers with errors', async (quality) => {
    const errors: number[] = [];
    for (let seed = 1; seed <= 8; seed += 1) {
      const server = startServer(seed, quality);
      await server.run(server.install);
      await pass(server, 40);
      for (let second = 0; second < 40; second += 1) {
        send(server, 100);
        await pass(server, 1);
      }
      errors.push(server.machine.application?.counts.errors ?? 0);
    }
    expect(errors.filter((count) => count > 3).length).toBeGreaterThan(3);
  });
});

describe('a new machine', () => {
  it('boots, registers its agent, serves the placeholder and ends its user data', async () => {
    const server = startServer(1);
    const { servers } = server;
    servers.launch('i-2');
    expect([servers.isRunning('i-2'), servers.isUp('i-2')]).toEqual([true, false]);
    await pass(server, 240);
    expect(servers.checkHealth('i-2')).toEqual({ kind: 'answered', status: 200 });
    const { disk, agentRegisteredAtMs } = servers.machine('i-2');
    expect(disk).toMatchObject({ current: 'none', hasPlaceholder: true, prepared: true, userData: { word: 'ended' } });
    expect(agentRegisteredAtMs).toBeGreaterThan(EPOCH_MS);
    servers.terminate('i-2');
    await pass(server, 6);
    expect(servers.isRunning('i-2')).toBe(false);
  });
});
