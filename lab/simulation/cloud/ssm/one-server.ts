/** One simulated server, and the engine's own commands on it: for tests. */
import type { SSMClient } from '@aws-sdk/client-ssm';
import { createInstanceCommands, type InstanceCommands, type SentCommand } from '../../../../functions/instance/instance-commands.ts';
import { createRunCommand } from '../../../../functions/shared/aws/run-command.ts';
import { NO_FAULTS } from '../../faults/faults.ts';
import { EPOCH_MS, Kernel } from '../../kernel/kernel.ts';
import { drawRelease, type Quality, Releases } from '../releases.ts';
import { ServerFaults } from '../servers/server-faults.ts';
import { SimulatedServers } from '../servers/servers.ts';
import { SimulatedSsm } from './service.ts';
import { simulatedDocuments } from './simulated-documents.ts';

const NAMES = { waitIdle: 'test-wait-idle', install: 'test-install-release', observe: 'test-observe', accessLog: 'test-access-log' };
const DOCUMENTS = simulatedDocuments(NAMES, 'my-releases');
export const ID = 'i-00000000000000001';

/** A server with release 1; release 2 is of this quality. */
export function startServer(seed: number, quality: Quality = 'good') {
  const kernel = new Kernel(seed, { keepTimeline: true });
  const releases = new Releases();
  const random = kernel.random('releases');
  releases.publish(drawRelease(random, '1', 'good'));
  releases.publish(drawRelease(random, '2', quality));
  const servers = new SimulatedServers({ kernel, releases, store: { raise: () => 1 } });
  const machine = servers.addPrepared(ID, '1');
  const ssm = new SimulatedSsm({ kernel, servers, releases, documents: DOCUMENTS });
  const faults = new ServerFaults({ kernel, servers, faults: NO_FAULTS });
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
    const sentAtMs = kernel.now();
    const overdueAtMs = sentAtMs + 300_000;
    for (;;) {
      const answer = await read(commands, { commandId, instanceId: ID, sentAtMs, overdueAtMs });
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
  /** Whether the contract of this version has counts. */
  const hasCounts = (version: string): boolean => releases.get(version).behaviour.offersCounts;
  return { hasCounts, kernel, servers, machine, ssm, commands, releases, faults, follow, run, install };
}
