import { describe, expect, it } from 'vitest';
import { EPOCH_MS } from '../../kernel/kernel.ts';
import { ID, startServer } from './one-server.ts';

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

describe('the documents, run by the engine’s own code', () => {
  it.each(SEEDS)('drain, install, and observe a good release: seed %i', async (seed) => {
    const { run, follow, install, machine, ssm, hasCounts } = startServer(seed);
    const [idle, installed, readiness] = await run(async () => [
      await follow(
        (all) =>
          all.sendWaitIdle(ID, {
            fencingToken: '7',
            sliceSeconds: '20',
            floorSeconds: '5',
            quietSeconds: '3',
            previousRequests: '-1',
            previousQuietSeconds: '0',
            drainSignal: 'auto',
            targetPorts: '0',
            longLived: 'close',
            drainStartedAtMs: '0',
          }),
        (all, command) => all.readWaitIdle(command),
      ),
      await install(),
      await follow(
        (all) => all.sendObserve(ID, { attempts: '3', intervalSeconds: '5', confirmSeconds: '1' }),
        (all, command) => all.readObserve(command),
      ),
    ]);
    expect(idle).toMatchObject(hasCounts('1') ? { signal: 'counts', inFlight: 0, requests: 0 } : { signal: 'kernel', inFlight: 0 });
    expect(installed).toEqual({ result: 'installed', version: '2', previousVersion: '1' });
    expect(readiness).toMatchObject({ lastAnswer: '200 UP', version: '2', ...(hasCounts('2') && { errors: 0 }) });
    expect(machine.disk).toMatchObject({ current: '2', previous: '1', fencingToken: 7 });
    expect(ssm.openCommands()).toEqual([]);
  });

  it('takes as long as a real install', async () => {
    const seconds: number[] = [];
    for (const seed of SEEDS) {
      const { run, install, kernel } = startServer(seed);
      await run(install);
      seconds.push((kernel.now() - EPOCH_MS) / 1000);
    }
    expect(Math.min(...seconds)).toBeGreaterThan(3);
    expect(Math.max(...seconds)).toBeLessThan(90);
  });

  it('is the same run for the same seed', async () => {
    const hash = async () => {
      const { run, install, kernel } = startServer(11);
      await run(install);
      return kernel.timeline.hash();
    };
    expect(await hash()).toBe(await hash());
  });
});

describe('a command', () => {
  it('ends as Failed when its machine reboots meanwhile, once the agent is back', async () => {
    const { run, install, machine, kernel, ssm } = startServer(3);
    kernel.after(5_000, () => {
      machine.halt('stopped', 'broken');
      kernel.after(20_000, () => machine.start(5_000));
    });
    await expect(run(install)).rejects.toThrow('install-release on i-00000000000000001 ended as Failed');
    expect(kernel.now() - EPOCH_MS).toBeGreaterThan(25_000);
    expect(ssm.openCommands()).toEqual([]);
    expect(machine.application?.version).toBe('1');
  });

  it('is cancelled by the engine when no agent fetches it', async () => {
    const { run, install, machine, kernel, faults } = startServer(4);
    kernel.after(0, () => faults.strike('agent.silent', ID, 300_000));
    await expect(run(install)).rejects.toThrow(/was not fetched by the agent within 60 s|InvalidInstanceId|refused/);
    expect(machine.disk.current).toBe('1');
  });

  it('is killed at the agent’s next moment, and leaves what it did before', async () => {
    const { run, kernel, commands, releases, machine, ssm } = startServer(5);
    await run(async () => {
      const release = { fleet: 'web', version: '2', sha256: releases.get('2').sha256 };
      const commandId = await commands.sendInstall(ID, release, 7);
      while (machine.disk.current === '1') await kernel.sleep(50);
      ssm.operations['CancelCommand']?.({ CommandId: commandId, InstanceIds: [ID] } as never);
      await kernel.sleep(10_000);
    });
    expect(ssm.openCommands()).toEqual([]);
    expect(machine.scripts.size).toBe(0);
  });

  it('of an older token changes nothing', async () => {
    const { run, install, machine } = startServer(6);
    machine.disk.fencingToken = 8;
    expect(await run(install)).toMatchObject({ result: 'failed', error: 'StaleFencingToken' });
    expect(machine.disk.current).toBe('1');
  });
});
