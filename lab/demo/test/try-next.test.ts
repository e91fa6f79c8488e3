import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readContract } from '../../../cli/releases/read-contract.ts';
import { badRelease } from '../bad-release/bad-release.ts';
import { consoleTries, NO_FLEET, tryLines, tryNext } from '../try-next.ts';

const ALL = { current: '1.1.0', previous: '1.0.0', bad: true };
const commands = (tryable: typeof ALL | typeof NO_FLEET) => tryNext(tryable).map(({ command }) => command.replace('./holdfast ', ''));

describe('what to try', () => {
  it('names versions that exist, and nothing that would not work', () => {
    const rest = ['fault inject store-down', 'incidents', 'fault clear', 'sweep --dry-run'];
    expect(commands(ALL)).toEqual(['deploy 1.2.0-bad', 'rollback', ...rest]);
    expect(commands({ ...ALL, previous: undefined })).toEqual(['deploy 1.2.0-bad', ...rest]);
    expect(commands({ ...ALL, bad: false })).toEqual(['rollback', ...rest]);
    expect(commands(NO_FLEET)).toEqual(['store', 'incidents', 'sweep --dry-run']);
  });

  it('is one list: the console adds where the application and the documentation are', () => {
    const shown = consoleTries({ loadBalancerUrl: 'https://localhost:8443' }, ALL);
    expect(shown.slice(2)).toEqual(tryNext(ALL));
    expect(shown.slice(0, 2).map(({ link }) => link?.href)).toEqual(['https://localhost:8443', '#/docs/local-cloud']);
    for (const { text, command } of tryNext(ALL)) expect(tryLines(ALL)).toContain(`  ${text}\n    ${command}`);
    expect(tryLines(ALL)).not.toContain('VERSION');
  });
});

describe('the bad release', () => {
  it('has the contract of the application, with a program of its own, and leaves the folder of the application as it is', async () => {
    const own = await mkdtemp(path.join(tmpdir(), 'holdfast-bad-'));
    onTestFinished(() => rm(own, { recursive: true }));
    const contract = { start: ['./run'], port: 8081, health: { loadBalancer: '/up', ready: '/ready' } };
    await writeFile(path.join(own, 'holdfast.app.json'), JSON.stringify(contract));
    const folder = path.join(own, '1.2.0-bad');
    const build = badRelease({ build: async () => own }).build({
      version: '1.2.0-bad',
      folder,
      temporary: own,
      signal: new AbortController().signal,
    });
    const made = await readContract(await build);
    expect([made.port, made.health, made.start.at(-1)]).toEqual([8081, expect.objectContaining(contract.health), 'server.mjs']);
    expect(JSON.parse(await readFile(path.join(own, 'holdfast.app.json'), 'utf8'))).toEqual(contract);
  });
});
