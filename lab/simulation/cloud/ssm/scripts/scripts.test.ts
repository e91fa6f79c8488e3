import { describe } from 'vitest';
import type { InstallOutput } from '../../../../../functions/instance/document-contract.ts';
import { documentsConform } from '../../../../../test/server/documents/documents-conformance.ts';
import type { ReleaseKind, ScriptOutcome, ServerKind, ServerUnderTest } from '../../../../../test/server/documents/server-under-test.ts';
import { EPOCH_MS, Kernel } from '../../../kernel/kernel.ts';
import type { RequestEnd } from '../../contracts.ts';
import { type Behaviour, drawRelease, Releases } from '../../releases.ts';
import { ScriptProcess } from '../../servers/script-process.ts';
import { SimulatedServers } from '../../servers/servers.ts';
import { installRelease } from './install-release.ts';
import { observe } from './observe.ts';
import type { Script } from './script.ts';
import { waitIdle } from './wait-idle.ts';

const ID = 'i-1';
const KINDS: Readonly<Record<ReleaseKind, Partial<Behaviour>>> = {
  counts: {},
  noCounts: { offersCounts: false },
  exits: { start: 'exits' },
  down: { isReady: false },
};

/** Drives virtual time until the work has ended. */
async function until<T>(kernel: Kernel, work: () => Promise<T>): Promise<T> {
  let end: { readonly value: T } | undefined;
  kernel.after(0, () => {
    work().then(
      (value) => {
        end = { value };
      },
      (error: unknown) => kernel.fail(error),
    );
  });
  await kernel.run(kernel.now() + 600_000, () => end !== undefined);
  if (end === undefined) throw new Error('it never ended');
  return end.value;
}

async function launch(seed: number, kind: ServerKind): Promise<ServerUnderTest> {
  const kernel = new Kernel(seed);
  const releases = new Releases();
  const random = kernel.random('test');
  const failingUserData = kind === 'failed' ? 1 : 0;
  const servers = new SimulatedServers({ kernel, releases, store: { raise: () => 1 }, failingUserData });
  if (kind === 'launched') servers.addPrepared(ID, 'none');
  else if (kind === 'existing') servers.addExisting(ID, 'none');
  else servers.launch(ID);
  const machine = servers.machine(ID);
  machine.disk.prepared ||= kind === 'existing';
  const awaited = { preparing: 'installing package nodejs24', failed: 'installing package nodejs24, attempt 3' };
  if (kind === 'preparing' || kind === 'failed') {
    await kernel.run(EPOCH_MS + 300_000, () => machine.disk.userData.phase === awaited[kind]);
  }

  const run = async (script: Script, parameters: object, archiveSha256?: string): Promise<ScriptOutcome> => {
    const process = new ScriptProcess(kernel);
    const texts = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
    const { stdout, stderr } = await until(kernel, () => script({ machine, process, parameters: texts, archiveSha256 }));
    process.end();
    return { line: stdout === '' ? undefined : JSON.parse(stdout), errorOutput: stderr };
  };
  return {
    async install(version, release = 'counts', { fencingToken = 1, sha256, missing = false, restarts = false } = {}) {
      const known = releases.list().find((one) => one.version === version);
      const made = known ?? drawRelease(random, version, 'good', { startMs: [300, 5_000], ...KINDS[release] });
      if (known === undefined && version !== 'none') releases.publish(made);
      const parameters = { fencingToken, version, releaseUrl: '', sha256: sha256 ?? made.sha256, mode: restarts ? 'restart' : 'install' };
      const { line } = await run(installRelease, parameters, missing ? undefined : made.archiveSha256);
      return line as InstallOutput;
    },
    waitIdle: (parameters) => run(waitIdle, parameters),
    observe: (parameters) => run(observe, parameters),
    request(durationMs) {
      let end: RequestEnd | undefined;
      servers.serve(ID, {
        sessionId: 's',
        durationMs,
        ended: (how) => {
          end = how;
        },
      });
      return () => kernel.run(kernel.now() + 60_000, () => end !== undefined);
    },
    async stopService() {
      machine.stopService('holdfast-app');
      machine.stopService('holdfast-placeholder');
    },
    serving: async () => (servers.isUp(ID) ? machine.application?.version : undefined),
    process: async () => machine.application,
    links: () => ({ current: machine.disk.current, previous: machine.disk.previous, fencingToken: machine.disk.fencingToken }),
    now: () => kernel.now(),
  };
}

describe.each([1, 2, 3])('the models of the scripts: seed %i', (seed) => {
  documentsConform({ launch: (kind) => launch(seed, kind), stop: async () => {} });
});
