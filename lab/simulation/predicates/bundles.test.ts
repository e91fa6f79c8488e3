import { expect, it } from 'vitest';
import type { BundleAct } from '../cloud/bundles.ts';
import type { Call } from '../seam/call.ts';
import { Bundles } from './bundles.ts';
import type { View } from './view.ts';

const ID = 'i-1';
const FILES: Readonly<Record<string, readonly [string, string][]>> = { '1': [['/app/a', '1']], '2': [['/app/a', '2']] };

function watch(begun: readonly [string, string][] = []) {
  const found: string[] = [];
  const server = {
    files: new Map(begun),
    listed: [] as string[],
    installed: 'none',
    complete: false,
    running: undefined as string | undefined,
  };
  const view = {
    bundle: () => server,
    bundleOf: (version: string) => ({ files: new Map(FILES[version]), fileExists: 'OVERWRITE' as const }),
    permitsBundles: () => true,
    faultOnServer: () => false,
    healthOf: () => 'healthy',
    isDrainGroup: () => false,
    deploys: () => [],
    members: () => [{ instanceId: ID, lifecycleState: 'InService' }],
  } as unknown as View;
  const bundles = new Bundles(view, (predicate, text) => found.push(`${predicate} ${text}`));
  const act = (...acts: readonly BundleAct[]) => {
    for (const one of acts) bundles.acted(ID, one);
  };
  act({ kind: 'began' });
  /** As an install leaves it. */
  const install = (version: string) => {
    act({ kind: 'wrote', path: '/app/a' }, { kind: 'installed', version });
    Object.assign(server, { files: new Map(FILES[version]), installed: version, complete: true, running: version });
    act({ kind: 'validated', version });
  };
  return { found, server, bundles, act, install };
}

const script = (event: 'ApplicationStop' | 'AfterInstall', version: string, mode = 'install') =>
  ({ kind: 'script', event, version, mode, token: '1' }) as const;
const adoption = (operation: string, input: object) =>
  ({
    operation,
    input,
    invocation: { step: 'prepare', payload: { deploy: { adopt: 'equal', version: '1' }, roll: { instanceId: ID } } },
  }) as unknown as Call;

it('finds nothing on a server that serves one whole bundle', () => {
  const { found, bundles, install, act } = watch();
  install('1');
  act(script('ApplicationStop', '1'), script('AfterInstall', '2'));
  install('2');
  bundles.judgeEnd();
  expect(found).toEqual([]);
});

it.each<[string, (given: ReturnType<typeof watch>) => void, string]>([
  ['a file of another bundle', ({ server }) => server.files.set('/app/b', '1'), 'S17 i-1 serves, where /app/b is left, with 1'],
  ['a file that is missing', ({ server }) => server.files.clear(), 'S17 i-1 serves, where /app/a is missing, with 1'],
  [
    'a bundle that was not validated',
    ({ server }) => Object.assign(server, { complete: false }),
    'S17 i-1 serves, where 1 was not validated',
  ],
  ['another application', ({ server }) => Object.assign(server, { running: '2' }), 'S17 i-1 serves, which runs 2 instead of 1'],
  [
    'a stop by another bundle',
    ({ act }) => act(script('ApplicationStop', '2')),
    'S18 i-1 runs ApplicationStop of 2, and the bundle whose Install ended last is 1',
  ],
])('finds %s', (_, change, expected) => {
  const given = watch();
  given.install('1');
  change(given);
  given.bundles.judgeEnd();
  expect(given.found).toEqual([expected]);
});

it('takes what an adopted server had for its release, and finds what an adoption must not do', () => {
  const given = watch([['/app/a', 'by hand']]);
  given.act({ kind: 'adopted', version: '1' });
  Object.assign(given.server, { installed: '1', complete: true, running: '1' });
  given.bundles.judgeEnd();
  expect(given.found).toEqual([]);
  given.act(script('AfterInstall', '1', 'adopt'));
  given.bundles.before(adoption('DeregisterTargets', { Targets: [{ Id: ID }] }));
  expect(given.found).toEqual(['S19 i-1 runs AfterInstall of 1 in an adoption', 'S19 prepare of an adoption takes i-1 out of service']);
});

it('finds an adoption that is on record of a server which was not asked, or that changed what it refused', () => {
  const given = watch([['/app/a', 'by hand']]);
  given.bundles.effect(adoption('PutItem', { Item: { sk: { S: `INSTANCE#${ID}` } } }));
  given.server.files.set('/app/a', '1');
  given.bundles.judgeEnd();
  expect(given.found).toEqual([
    'S19 i-1 is recorded as adopted with 1, and never compared its files',
    'S19 i-1 was not adopted, and is not as it was',
  ]);
});
