/** The model of install_bundle.py: test/server/documents has the script itself. */
import { describe, expect, it } from 'vitest';
import type { InstallOutput } from '../../../../../functions/instance/document-contract.ts';
import { EPOCH_MS, Kernel } from '../../../kernel/kernel.ts';
import { type BundleAct, type DrawnBundle, FOREIGN_FILE, MAIN_FILE } from '../../bundles.ts';
import { drawRelease, type Quality, Releases } from '../../releases.ts';
import { ScriptProcess } from '../../servers/script-process.ts';
import { SimulatedServers } from '../../servers/servers.ts';
import { installBundle } from './install-bundle.ts';

const ID = 'i-1';
const script = (ends: 'works' | 'fails' | 'hangs' = 'works') => [{ ms: 100, ends, timeoutSeconds: 30 }];
const only = (version: string) => `/srv/app/lib/only-in-${version}.jar`;

interface Given {
  readonly old?: Partial<DrawnBundle>;
  readonly fresh?: Partial<DrawnBundle>;
  readonly quality?: Quality;
  readonly changes?: Map<string, string | undefined>;
  readonly isKnown?: boolean;
}

function serverWith({ old, fresh, quality = 'good', changes, isKnown = true }: Given = {}) {
  const kernel = new Kernel(1);
  const releases = new Releases();
  const bundle = (version: string, more: Partial<DrawnBundle> = {}): DrawnBundle => ({
    files: new Map([
      [MAIN_FILE, version],
      [only(version), version],
    ]),
    fileExists: 'DISALLOW',
    ...more,
    scripts: { ApplicationStop: script(), ApplicationStart: script(), ValidateService: script(), ...more.scripts },
  });
  const random = kernel.random('releases');
  releases.publish({ ...drawRelease(random, '1', 'good'), bundle: bundle('1', old) });
  releases.publish({ ...drawRelease(random, '2', quality), bundle: bundle('2', fresh) });
  releases.publish(drawRelease(random, '3', 'good'));
  const acts: BundleAct[] = [];
  const servers = new SimulatedServers({ kernel, releases, store: { raise: () => 1 }, acted: (_, act) => void acts.push(act) });
  const machine = servers.addBundle(ID, '1', { hasPlaceholder: false, isKnown, changes });
  const send = (version: string, more: Record<string, string> = {}) => {
    const process = new ScriptProcess(kernel);
    const known = version === 'none' ? undefined : releases.get(version);
    const parameters = { fencingToken: '1', version, sha256: known?.sha256 ?? '', mode: 'install', stopFailure: 'fail', ...more };
    const sent: { output?: InstallOutput } = {};
    kernel.after(0, async () => {
      const { stdout } = await installBundle({ machine, process, parameters, archiveSha256: known?.archiveSha256 });
      process.end();
      sent.output = JSON.parse(stdout);
    });
    return { process, sent };
  };
  return {
    machine,
    acts,
    send,
    async install(version: string, more?: Record<string, string>) {
      const { sent } = send(version, more);
      await kernel.run(kernel.now() + 600_000, () => sent.output !== undefined);
      return sent.output;
    },
    pass: (ms: number) => kernel.run(Math.max(EPOCH_MS, kernel.now()) + ms),
    files: () => Object.fromEntries([...machine.bundles.files].sort()),
    scripts: () => acts.flatMap((act) => (act.kind === 'script' ? [`${act.event} ${act.version}`] : [])),
  };
}

const withOnly = (version: string, more: Record<string, string> = {}) => ({
  [FOREIGN_FILE]: 'by hand',
  [MAIN_FILE]: version,
  [only(version)]: version,
  ...more,
});

describe('the model of a bundle’s install', () => {
  it('stops by the previous bundle’s scripts and leaves exactly the new one’s files', async () => {
    const server = serverWith();
    expect(await server.install('2')).toMatchObject({ result: 'installed', previousVersion: '1' });
    expect(server.scripts()).toEqual(['ApplicationStop 1', 'ApplicationStart 2', 'ValidateService 2']);
    expect(server.files()).toEqual(withOnly('2'));
    expect(server.machine.application?.version).toBe('2');
    expect(await server.install('2', { fencingToken: '2' })).toMatchObject({ result: 'alreadyInstalled' });
  });

  it.each([
    ['fails', /exited with 1/],
    ['hangs', /did not end within 30 s/],
  ] as const)('ends at a script that %s, and the next order goes the whole way', async (ends, why) => {
    const server = serverWith({ fresh: { scripts: { AfterInstall: script(ends) } } });
    const output = await server.install('2');
    expect(output).toMatchObject({ result: 'failed', error: 'HookFailed', message: expect.stringMatching(why) });
    // The same order gets the same result, and runs nothing.
    const ran = server.scripts().length;
    expect(await server.install('2')).toEqual(output);
    expect(server.scripts()).toHaveLength(ran);
    expect(await server.install('1', { stopFailure: 'continue' })).toMatchObject({ result: 'installed' });
    expect(server.scripts().slice(ran)).toEqual(['ApplicationStop 2', 'ApplicationStart 1', 'ValidateService 1']);
    expect(server.files()).toEqual(withOnly('1'));
  });

  it('goes on after a stop that fails only where it is told to', async () => {
    const old = { scripts: { ApplicationStop: script('fails') } };
    expect(await serverWith({ old }).install('2')).toMatchObject({ error: 'HookFailed' });
    const server = serverWith({ old });
    expect(await server.install('2', { stopFailure: 'continue' })).toMatchObject({ result: 'installed' });
    expect(server.machine.application?.version).toBe('2');
  });

  it('takes what runs for the release without touching it, and brings back what differs from it', async () => {
    const changes = new Map<string, string | undefined>([
      [MAIN_FILE, '1,patched'],
      [only('1'), undefined],
    ]);
    const server = serverWith({ changes, isKnown: false });
    const before = server.files();
    const { application } = server.machine;
    server.machine.disk.prepared = true;
    expect(await server.install('1', { mode: 'adopt' })).toMatchObject({ error: 'FilesDiffer' });
    expect(server.machine.bundles).toMatchObject({ installed: 'none', listed: [] });
    expect(await server.install('1', { mode: 'adoptDifferences' })).toMatchObject({ result: 'installed' });
    expect([server.scripts(), server.files(), server.machine.application]).toEqual([[], before, application]);
    expect(await server.install('2')).toMatchObject({ result: 'installed' });
    expect(server.files()).toEqual(withOnly('2'));
    expect(await server.install('1')).toMatchObject({ result: 'installed' });
    expect(server.files()).toEqual(before);
  });

  it('refuses files that it did not bring: before the stop, unless a script before Install can remove them', async () => {
    const files = new Map([[FOREIGN_FILE, 'mine']]);
    const old = { scripts: { ApplicationStop: undefined } };
    const server = serverWith({ old, fresh: { files } });
    const before = server.files();
    expect(await server.install('2')).toMatchObject({ error: 'InvalidRelease', message: expect.stringContaining('exists') });
    expect([server.files(), server.scripts()]).toEqual([before, []]);
    const scripts = { BeforeInstall: script() };
    expect(await serverWith({ old, fresh: { files, scripts } }).install('2')).toMatchObject({ error: 'HookFailed' });
    expect(await serverWith({ fresh: { files } }).install('2')).toMatchObject({ error: 'HookFailed' });
  });

  it('goes the whole way again after a kill in its middle', async () => {
    const server = serverWith();
    const { process } = server.send('2');
    while (!server.acts.some(({ kind }) => kind === 'wrote')) await server.pass(50);
    process.end();
    expect(server.machine.bundles).toMatchObject({ installed: '1', complete: false });
    expect(await server.install('1', { fencingToken: '2' })).toMatchObject({ result: 'installed' });
    expect(server.files()).toEqual(withOnly('1'));
  });

  it('runs an event’s scripts alone, and those before a termination whatever fails', async () => {
    const server = serverWith({ old: { scripts: { BeforeBlockTraffic: script(), ApplicationStop: script('fails') } } });
    expect(await server.install('none', { mode: 'BeforeBlockTraffic' })).toMatchObject({ result: 'installed', version: '1' });
    expect(await server.install('none', { mode: 'end' })).toMatchObject({ result: 'installed' });
    expect(server.scripts()).toEqual(['BeforeBlockTraffic 1', 'ApplicationStop 1']);
  });

  it('refuses a release that is no bundle, and a restart of another one', async () => {
    const server = serverWith();
    expect(await server.install('3')).toMatchObject({ error: 'InvalidRelease' });
    expect(await server.install('2', { mode: 'restart' })).toMatchObject({ error: 'InvalidRelease' });
    expect(server.scripts()).toEqual([]);
  });
});
