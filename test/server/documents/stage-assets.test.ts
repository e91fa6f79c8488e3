import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Archive, archiveOf, CONTRACT } from '#local-aws/test/instances/fixture-release.ts';
import { type StageAssetsOutput, stageAssetsOutput } from '../../../functions/instance/document-contract.ts';
import type { TestFleet } from '../../../lab/demo/test/aws/instances/test-fleet.ts';
import { startWarmFleet } from './warm-machines.ts';

let fleet: TestFleet;
let instanceId: string;
let root: string;
let url: string;
let token = 1;

/** It answers each request for an asset from the folder, as it is then; or, if it lists files, only for what it found there at its start. */
const SERVER = `
import http from 'node:http';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
const folder = new URL('./' + FOLDER, import.meta.url);
const known = LISTED && existsSync(folder) ? readdirSync(folder) : undefined;
const at = new Set(['/live', '/health']);
http.createServer((request, response) => {
  if (at.has(request.url)) return response.end('{"status":"UP"}');
  try { if (known?.includes(request.url.split('/').at(-1)) === false) throw 0; response.end(readFileSync(new URL('./' + FOLDER + request.url.slice('/assets'.length), import.meta.url))); }
  catch { response.statusCode = STATUS; response.end('none'); }
}).listen(Number(process.env.PORT), '127.0.0.1');
`;
interface Made {
  readonly folder?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly named?: boolean;
  /** As WhiteNoise, Next and SvelteKit do. @default false */
  readonly listed?: boolean;
  /** What it answers for what it does not have. */
  readonly status?: number;
  readonly links?: Readonly<Record<string, string>>;
}
const made = ({ folder = 'public/assets', files = {}, named = true, status = 404, links = {}, listed = false }: Made) => {
  const contract = {
    ...CONTRACT,
    start: ['node', 'server.mjs'],
    health: { loadBalancer: '/live', ready: '/health' },
    ...(named && { assets: [{ folder, path: '/assets/' }] }),
  };
  const server = SERVER.replaceAll('FOLDER', JSON.stringify(folder)).replace('STATUS', String(status)).replace('LISTED', String(listed));
  return {
    contract: { name: 'holdfast.app.json', body: JSON.stringify(contract) },
    server: { name: 'server.mjs', body: server },
    assets: [
      ...Object.entries(files).map(([name, body]) => ({ name: `${folder}/${name}`, body })),
      ...Object.entries(links).map(([name, linkname]) => ({ name: `${folder}/${name}`, type: 'symlink' as const, linkname })),
    ],
  };
};
const releaseOf = (parts: ReturnType<typeof made>): Promise<Archive> => archiveOf([parts.contract, parts.server, ...parts.assets]);
const assetsOf = (parts: ReturnType<typeof made>): Promise<Archive> => archiveOf([parts.contract, ...parts.assets]);

async function stage(version: string, archive: Archive | undefined, wanted: readonly string[], more: Record<string, string> = {}) {
  const releaseUrl = `https://releases.s3.us-east-1.amazonaws.com/web/${version}/assets.tar.gz`;
  if (archive) fleet.objects.set(releaseUrl, archive.bytes);
  const parameters = { fencingToken: String(token), version, releaseUrl, sha256: archive?.sha256 ?? '0'.repeat(64), wanted: wanted.join() };
  const { StandardOutputContent: line, StandardErrorContent: why } = await fleet.run(
    instanceId,
    'test-stageAssets',
    { ...parameters, ...more },
    'stageAssets',
  );
  if (line.trim() === '') throw new Error(why);
  return stageAssetsOutput.parse(JSON.parse(line)) as StageAssetsOutput;
}
const install = async (version: string, parts: ReturnType<typeof made>, more: Record<string, string> = {}) => {
  expect(await fleet.install(instanceId, version, await releaseOf(parts), { fencingToken: String(token), ...more })).toMatchObject({
    result: 'installed',
  });
};
const answer = async (path: string) => {
  const response = await fetch(url + path);
  return [response.status, await response.text()];
};
const staged = () => readdirSync(join(root, 'assets')).sort();

beforeAll(async () => {
  fleet = await startWarmFleet();
  const machine = await fleet.launch();
  instanceId = machine.instanceId;
  url = `http://127.0.0.1:${machine.port}`;
  root = join(fleet.instances.get(instanceId)?.folder ?? '', 'opt/holdfast');
});
afterAll(() => fleet.stop());
beforeEach(() => {
  token += 1;
});

describe('stage-assets', () => {
  const ONE = made({ files: { 'app.1.js': 'one', 'same.js': 'of one' } });
  const TWO = made({ files: { 'app.2.js': 'two', 'deep/er/app.2.css': '.two', 'same.js': 'of two' }, links: { 'app.js': 'app.2.js' } });

  it('answers for the next release next to the running one, over no file of it, until that is aborted', async () => {
    await install('1.0.0', ONE);
    expect(await answer('/assets/app.2.js')).toEqual([404, 'none']);
    const result = await stage('2.0.0', await assetsOf(TWO), ['2.0.0', '1.0.0']);
    expect(result).toEqual({ result: 'staged', staged: ['2.0.0'], served: true, path: '/assets/app.2.js', answer: '200' });
    expect(await answer('/assets/app.2.js')).toEqual([200, 'two']);
    expect(await answer('/assets/app.js')).toEqual([200, 'two']);
    expect(lstatSync(join(root, 'current/public/assets/app.js')).isFile()).toBe(true);
    expect(await answer('/assets/deep/er/app.2.css')).toEqual([200, '.two']);
    expect(await answer('/assets/same.js')).toEqual([200, 'of one']);
    // Further names of the staged file, of which a link made one, take no room.
    expect(statSync(join(root, 'current/public/assets/app.2.js')).nlink).toBe(3);
    // A command that comes twice, whose download fails.
    fleet.objects.clear();
    expect(await stage('2.0.0', undefined, ['2.0.0'])).toMatchObject({ staged: ['2.0.0'], served: true });
    // After the abort.
    expect(await stage('none', undefined, ['1.0.0'])).toEqual({ result: 'staged', staged: [] });
    expect(await answer('/assets/app.2.js')).toEqual([404, 'none']);
    expect(existsSync(join(root, 'current/public/assets/app.js'))).toBe(false);
    expect(await answer('/assets/same.js')).toEqual([200, 'of one']);
    expect(staged()).toEqual([]);
  });

  it('every install, rollback and restart has those of the others again, in the folder that the release has for the path', async () => {
    await stage('1.0.0', await assetsOf(ONE), ['2.0.0', '1.0.0']);
    await stage('2.0.0', await assetsOf(TWO), ['2.0.0', '1.0.0']);
    const moved = made({ folder: 'static/built', files: { 'app.3.js': 'three' } });
    await install('3.0.0', moved);
    expect(await answer('/assets/app.1.js')).toEqual([200, 'one']);
    expect(await answer('/assets/deep/er/app.2.css')).toEqual([200, '.two']);
    expect(readFileSync(join(root, 'current/static/built/app.1.js'), 'utf8')).toBe('one');
    await install('3.0.0', moved, { mode: 'restart' });
    expect(await answer('/assets/app.1.js')).toEqual([200, 'one']);
    await install('1.0.0', ONE);
    expect(await answer('/assets/app.2.js')).toEqual([200, 'two']);
    expect(await answer('/assets/same.js')).toEqual([200, 'of one']);
  });

  it('takes the folder of the new release where the running one names none', async () => {
    await install('1.1.0', made({ files: { 'app.1.js': 'one' }, named: false }));
    expect(await stage('2.0.0', await assetsOf(TWO), ['2.0.0'])).toMatchObject({ served: true });
    expect(staged()).toEqual(['2.0.0']);
  });

  it('reports a server that does not answer with what was staged, also one that answers everything with its page', async () => {
    await install('1.2.0', made({ folder: 'elsewhere', files: { 'app.1.js': 'one' }, named: false }));
    const result = await stage('2.0.0', await assetsOf(TWO), ['2.0.0']);
    expect(result).toMatchObject({ served: false, path: '/assets/app.2.js', answer: '404' });
    await stage('none', undefined, []);
    await install('1.2.1', made({ files: { 'app.1.js': 'one' }, status: 400, listed: true }));
    expect(await stage('2.0.0', await assetsOf(TWO), ['2.0.0'])).toMatchObject({ served: false, answer: '400' });
    await install('1.3.0', made({ folder: 'elsewhere', files: { 'app.1.js': 'one' }, named: false, status: 200 }));
    expect(await stage('2.0.0', await assetsOf(TWO), ['2.0.0'])).toMatchObject({ served: false, answer: '200, with another content' });
  });

  it('refuses an archive that is not the one on record, and an earlier deploy, and changes nothing', async () => {
    const archive = await assetsOf(made({ files: { 'app.4.js': 'four' } }));
    expect(await stage('4.0.0', archive, ['4.0.0', '2.0.0'], { sha256: 'a'.repeat(64) })).toMatchObject({ error: 'ChecksumMismatch' });
    fleet.objects.clear();
    expect(await stage('4.0.0', undefined, ['4.0.0', '2.0.0'])).toMatchObject({ error: 'DownloadFailed' });
    const late = await stage('4.0.0', archive, ['4.0.0'], { fencingToken: String(token - 1) });
    expect(late).toMatchObject({ result: 'failed', error: 'StaleFencingToken' });
    expect(staged()).toEqual(['2.0.0']);
  });

  it('follows no link of the running release out of it, and writes through none', async () => {
    // What the release has at this path is a link to another folder of it.
    const linked = made({ folder: 'public/assets', files: { 'app.1.js': 'one' }, named: false });
    const parts = {
      ...linked,
      assets: [
        { name: 'real/app.1.js', body: 'one' },
        { name: 'public/assets', type: 'symlink' as const, linkname: '../real' },
      ],
    };
    await install('5.0.0', parts);
    expect(await stage('2.0.0', await assetsOf(TWO), ['2.0.0'])).toMatchObject({ served: true });
    expect(readdirSync(join(root, 'current/real')).sort()).toEqual(['app.1.js', 'app.2.js', 'app.js', 'deep', 'same.js']);
    expect(lstatSync(join(root, 'current/public/assets')).isSymbolicLink()).toBe(true);
    const out = await archiveOf([TWO.contract, { name: 'public/assets/out', type: 'symlink' as const, linkname: '../../../etc' }]);
    expect(await stage('6.0.0', out, ['6.0.0', '2.0.0'])).toMatchObject({ error: 'InvalidRelease' });
  });

  it("lays no list of another release's names, which a framework reads at its start", async () => {
    const manifest = {
      'manifest-0a1b.json': '{}',
      'manifest.json': '{}',
      '.sprockets-manifest-2f.json': '{}',
      '.vite/manifest.json': '{}',
    };
    await install('1.4.0', made({ files: { 'app.1.js': 'one' } }));
    const listed = made({ files: { 'app.7.js': 'seven', 'LICENSE.txt': 'x', ...manifest } });
    expect(await stage('7.0.0', await assetsOf(listed), ['7.0.0'])).toMatchObject({ served: true, path: '/assets/app.7.js' });
    const names = readdirSync(join(root, 'current/public/assets'));
    expect(names.filter((name) => /manifest|^[.]/.test(name))).toEqual([]);
    expect(names).toContain('LICENSE.txt');
  });

  it('leaves a file where another release has a folder, and a folder where it has a file', async () => {
    await install('1.5.0', made({ files: { chunk: 'a file', 'css/app.1.css': 'one' } }));
    const other = made({ files: { 'chunk/app.8.js': 'eight', css: 'a file', 'grüße 1.js': 'hello', 'app.8.css': 'x' } });
    expect(await stage('8.0.0', await assetsOf(other), ['8.0.0'])).toMatchObject({ served: true });
    expect(await answer('/assets/chunk')).toEqual([200, 'a file']);
    expect(await answer('/assets/css/app.1.css')).toEqual([200, 'one']);
    expect(await answer('/assets/app.8.css')).toEqual([200, 'x']);
    await stage('none', undefined, []);
    expect(readdirSync(join(root, 'current/public/assets'))).toEqual(expect.not.arrayContaining(['app.8.css', 'grüße 1.js']));
  });
});
