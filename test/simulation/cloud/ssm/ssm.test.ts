import type { SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { createInstanceCommands, type InstanceCommands, type SentCommand } from '../../../../functions/instance/instance-commands.ts';
import { createRunCommand } from '../../../../functions/shared/aws/run-command.ts';
import { EPOCH_MS, Kernel } from '../../kernel/kernel.ts';
import { drawRelease, type Quality, Releases } from '../releases.ts';
import { SimulatedServers } from '../servers/servers.ts';
import { simulatedDocuments } from './documents.ts';
import { SimulatedSsm } from './service.ts';

const NAMES = { waitIdle: 'test-wait-idle', install: 'test-install-release', observe: 'test-observe' };
const DOCUMENTS = simulatedDocuments(NAMES, 'my-releases');
const ID = 'i-00000000000000001';

/** One server with release 1, and the engine's own commands on it. */
function start(seed: number, quality: Quality = 'good') {
  const kernel = new Kernel(seed, { keepTimeline: true });
  const releases = new Releases();
  const random = kernel.random('releases');
  releases.publish(drawRelease(random, '1', 'good'));
  releases.publish(drawRelease(random, '2', quality));
  const servers = new SimulatedServers({ kernel, releases, store: { raise: () => 1 } });
  const machine = servers.addPrepared(ID, '1');
  const ssm = new SimulatedSsm({ kernel, servers, releases, documents: DOCUMENTS });
  const client = {
    async send(command: { readonly input: never; readonly constructor: { readonly name: string } }) {
      const operation = ssm.operations[command.constructor.name.replace(/Command$/, '')];
      try {
        return operation?.(command.input);
      } catch (error) {
        throw Object.assign(new Error('refused'), { name: (error as { code?: string }).code ?? 'Error', cause: error });
      }
    },
  } as unknown as SSMClient;
  const commands = createInstanceCommands({
    runCommand: createRunCommand(client),
    documents: NAMES,
    region: 'eu-west-1',
    releasesBucket: 'my-releases',
    log: { info() {}, warn() {}, error() {} } as never,
    now: () => kernel.now(),
  });
  /** Sends a command and reads it every half a second, as long as it runs. */
  const follow = async <T>(
    send: (commands: InstanceCommands) => Promise<string>,
    read: (commands: InstanceCommands, command: SentCommand) => Promise<T | undefined>,
  ): Promise<T> => {
    const commandId = await send(commands);
    const overdueAtMs = kernel.now() + 300_000;
    for (;;) {
      const answer = await read(commands, { commandId, instanceId: ID, sentAtMs: kernel.now(), overdueAtMs });
      if (answer !== undefined) return answer;
      await kernel.sleep(500);
    }
  };
  /** Everything until the promise settles. */
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    let end: { readonly value: T } | { readonly error: unknown } | undefined;
    kernel.after(0, () => {
      work().then(
        (value) => {
          end = { value };
        },
        (error: unknown) => {
          end = { error };
        },
      );
    });
    await kernel.run(EPOCH_MS + 3_600_000, () => end !== undefined);
    if (end === undefined) throw new Error('it never ended');
    if ('error' in end) throw end.error;
    return end.value;
  };
  const install = () =>
    follow(
      (all) => all.sendInstall(ID, { fleet: 'web', version: '2', sha256: releases.get('2').sha256 }, 7),
      (all, command) => all.readInstall(command),
    );
  return { kernel, servers, machine, ssm, commands, releases, follow, run, install };
}

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

describe('the documents, run by the engine’s own code', () => {
  it.each(SEEDS)('drain, install, and observe a good release: seed %i', async (seed) => {
    const { run, follow, install, machine, ssm } = start(seed);
    const [idle, installed, gate] = await run(async () => [
      await follow(
        (all) =>
          all.sendWaitIdle(ID, {
            fencingToken: '7',
            sliceSeconds: '20',
            floorSeconds: '5',
            quietSeconds: '3',
            previousRequests: '-1',
            previousQuietSeconds: '0',
          }),
        (all, command) => all.readWaitIdle(command),
      ),
      await install(),
      await follow(
        (all) => all.sendObserve(ID, { attempts: '3', intervalSeconds: '5', confirmSeconds: '1' }),
        (all, command) => all.readObserve(command),
      ),
    ]);
    expect(idle).toMatchObject({ countsOffered: true, inFlight: 0, requests: 0 });
    expect(installed).toEqual({ result: 'installed', version: '2', previousVersion: '1' });
    expect(gate).toMatchObject({ lastAnswer: '200 UP', version: '2', errors: 0 });
    expect(machine.disk).toMatchObject({ current: '2', previous: '1', fencingToken: 7 });
    expect(ssm.openCommands()).toEqual([]);
  });

  it('takes as long as a real install', async () => {
    const seconds: number[] = [];
    for (const seed of SEEDS) {
      const { run, install, kernel } = start(seed);
      await run(install);
      seconds.push((kernel.now() - EPOCH_MS) / 1000);
    }
    expect(Math.min(...seconds)).toBeGreaterThan(3);
    expect(Math.max(...seconds)).toBeLessThan(90);
  });

  it('is the same run for the same seed', async () => {
    const hash = async () => {
      const { run, install, kernel } = start(11);
      await run(install);
      return kernel.timeline.hash();
    };
    expect(await hash()).toBe(await hash());
  });
});
