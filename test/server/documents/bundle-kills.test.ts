/** A kill in each phase of an install of a bundle: the same order again, and the rollback, end whole. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BundleServer, hook, type Revision, traced } from './bundle-server.ts';

/** Scripts mostly sleep here, so the phases run side by side. */
const withServer = async (body: (server: BundleServer) => Promise<void>): Promise<void> => {
  const server = new BundleServer();
  await body(server).finally(() => server.remove());
};

const to = (source: string, destination = '/srv/app') => ({ source, destination });

describe.concurrent('a kill', () => {
  const EVENTS = ['ApplicationStop', 'BeforeInstall', 'AfterInstall', 'ApplicationStart', 'ValidateService'];
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`x/${at}`, `${at}`]));
  /** Its scripts say that they began, wait, and say that they ended. */
  const app = (version: string): Revision => ({
    appspec: { files: [to('x')], hooks: Object.fromEntries(EVENTS.map((event) => [event, [hook('s.sh')]])) },
    files: {
      ...many,
      [`x/only-${version}`]: '',
      's.sh': traced(`${version} begins`, 'sleep "$(cat "$SERVER/pause")"; echo ends >>"$TRACE"'),
    },
  });
  const phases: [string, (server: BundleServer) => boolean][] = [
    ...EVENTS.map((event): [string, (server: BundleServer) => boolean] => [
      event,
      (server) => (server.read('trace') ?? '').includes(`${event} ${event === 'ApplicationStop' ? '1' : '2'}`),
    ]),
    ['the extraction', (server) => readdirSync(join(server.root, 'releases')).some((name) => name.startsWith('.incoming'))],
    ['the copying', (server) => existsSync(server.path('srv/app/1'))],
  ];

  it.each(phases)(
    'in %s: the same install again, or the rollback, ends whole',
    (phase, when) =>
      withServer(async (server) => {
        server.write('pause', '0');
        await server.install('1', app('1'));
        for (const [order, version] of [
          ['again', '2'],
          ['rollback', '1'],
        ] as const) {
          if (order === 'rollback') {
            server.nextDeploy();
            await server.install('1', app('1'), { stopFailure: 'continue' });
          }
          server.trace();
          if (phase === 'the copying') rmSync(server.path('srv/app/1'));
          server.write('pause', EVENTS.includes(phase) ? '3' : '0');
          server.nextDeploy();
          // A fast machine can have ended the phases that are no script.
          expect((await server.killed(() => when(server), '2', app('2'))) || !EVENTS.includes(phase)).toBe(true);
          if (EVENTS.includes(phase)) expect(server.read('trace')).not.toMatch(/ends\n$/);
          server.write('pause', '0');
          expect(await server.install(version, app(version))).toMatchObject({ result: expect.stringMatching(/nstalled$/), version });
          expect(server.state()).toEqual({ installed: version, complete: true });
          expect(server.files('srv')).toHaveLength(41);
          expect(server.read(`srv/app/only-${version}`)).toBe('');
          // A script of the killed order does not go on.
          if (EVENTS.includes(phase)) expect(server.trace().filter((line) => line === 'ends').length).toBeLessThan(12);
        }
      }),
    120_000,
  );

  it('of a stop that is not complete: the next order runs it again', () =>
    withServer(async (server) => {
      server.write('pause', '0');
      await server.install('1', app('1'));
      server.trace();
      server.nextDeploy();
      server.write('pause', '5');
      await server.killed(() => existsSync(server.path('trace')), '2', app('2'));
      server.write('pause', '0');
      server.trace();
      expect(server.state()).toEqual({ installed: '1', complete: false });
      expect(await server.install('1', app('1'))).toMatchObject({ result: 'installed' });
      expect(server.trace()[0]).toBe('ApplicationStop 1 begins');
    }));
});
