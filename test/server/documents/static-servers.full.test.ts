/** Which static servers answer with files that are laid next to a running release's: real ones, asked by the document as a deploy does. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Archive, CONTRACT } from '#local-aws/test/instances/fixture-release.ts';
import { stageAssetsOutput } from '../../../functions/instance/document-contract.ts';
import type { Packages } from '../../../lab/corpus/library.ts';
import { folderOf, installPackages } from '../../../lab/corpus/record/install.ts';
import type { TestFleet } from '../../../lab/demo/test/aws/instances/test-fleet.ts';
import { startWarmFleet } from './warm-machines.ts';

const health = `if (request.url === '/live' || request.url === '/health') return response.end('{"status":"UP"}');`;
const node = (folder: string, make: string) => `
import http from 'node:http';
import { createRequire } from 'node:module';
const require = createRequire(${JSON.stringify(`${folder}/package.json`)});
const handle = ${make};
http.createServer((request, response) => { ${health}
  handle(request, response, () => { response.statusCode = 404; response.end(); });
}).listen(Number(process.env.PORT), '127.0.0.1');
`;
const python = `
from whitenoise import WhiteNoise
def health(environ, start_response):
    found = environ["PATH_INFO"] in ("/live", "/health")
    start_response("200 OK" if found else "404 Not Found", [("Content-Type", "application/json")])
    return [b'{"status":"UP"}' if found else b""]
app = WhiteNoise(health, root="public/assets", prefix="assets/")
`;
const NEXT_CONFIG = `export default { output: 'standalone', outputFileTracingRoot: import.meta.dirname };`;

interface Served {
  readonly registry: 'npm' | 'pypi';
  readonly packages: Packages;
  readonly path?: string;
  /** Writes a release: its program, and an asset that no other release has. @returns the folder of its assets */
  write(installed: string, release: string, version: string): string;
  start(installed: string): readonly string[];
}
const plain =
  (name: string, program: (installed: string) => string) =>
  (installed: string, release: string, version: string): string => {
    mkdirSync(path.join(release, 'public/assets'), { recursive: true });
    writeFileSync(path.join(release, name), program(installed));
    writeFileSync(path.join(release, `public/assets/app.${version}.js`), `"${version}"`);
    return 'public/assets';
  };
const onNode = (make: string): Pick<Served, 'registry' | 'write' | 'start'> => ({
  registry: 'npm',
  write: plain('server.mjs', (installed) => node(installed, make)),
  start: () => ['node', 'server.mjs'],
});

const SERVERS: readonly (readonly [name: string, served: boolean, Served])[] = [
  ['express', true, { packages: { express: '5.2.1' }, ...onNode(`require('express')().use(require('express').static('public'))`) }],
  ['sirv as SvelteKit has it', false, { packages: { sirv: '3.0.2' }, ...onNode(`require('sirv')('public', { dev: false, etag: true })`) }],
  [
    'whitenoise',
    false,
    {
      ...{ registry: 'pypi', packages: { whitenoise: '6.12.0', gunicorn: '23.0.0' }, write: plain('app.py', () => python) },
      start: (installed) => ['sh', '-c', `exec "$0" -m gunicorn -b "127.0.0.1:$PORT" app:app`, path.join(installed, 'venv/bin/python')],
    },
  ],
  [
    'next',
    false,
    {
      ...{ registry: 'npm', packages: { next: '16.4.6', react: '19.2.0', 'react-dom': '19.2.0' }, path: '/_next/static/' },
      write: (installed, release, version) => {
        mkdirSync(path.join(installed, 'pages/api'), { recursive: true });
        writeFileSync(path.join(installed, 'pages/index.js'), `export default function Page() { return 'a page'; }`);
        writeFileSync(path.join(installed, 'next.config.mjs'), NEXT_CONFIG);
        for (const page of ['live', 'health'])
          writeFileSync(path.join(installed, `pages/api/${page}.js`), `export default (_, response) => response.json({ status: 'UP' });`);
        const built = path.join(installed, '.next/standalone');
        // One build is enough: what counts is a file that was not there at the server's start.
        if (!existsSync(built)) execFileSync(path.join(installed, 'node_modules/.bin/next'), ['build', '--webpack'], { cwd: installed });
        cpSync(built, release, { recursive: true, dereference: true });
        cpSync(path.join(installed, '.next/static'), path.join(release, '.next/static'), { recursive: true });
        writeFileSync(path.join(release, `.next/static/chunks/app.${version}.js`), `"${version}"`);
        return '.next/static';
      },
      start: () => ['sh', '-c', 'HOSTNAME=127.0.0.1 exec node server.js'],
    },
  ],
];

let fleet: TestFleet;
const made: string[] = [];
beforeAll(async () => {
  fleet = await startWarmFleet();
}, 30_000);
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});
afterAll(() => fleet.stop());

const packed = (folder: string, members: readonly string[]): Archive => {
  const file = path.join(folder, '..', `${path.basename(folder)}.tar.gz`);
  execFileSync('tar', ['-czf', file, '-C', folder, ...members]);
  made.push(file);
  const bytes = readFileSync(file);
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
};

it.each(SERVERS)('%s: %s', { timeout: 300_000 }, async (name, served, { registry, packages, path: at = '/assets/', write, start }) => {
  const key = `static-${name.split(' ')[0]}`;
  const installed = folderOf(key);
  await installPackages({ name: key, registry, packages }, installed);
  const release = (version: string) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-static-'));
    made.push(folder);
    const assets = write(installed, folder, version);
    const health = at === '/assets/' ? { loadBalancer: '/live', ready: '/health' } : { loadBalancer: '/api/live', ready: '/api/health' };
    const contract = { ...CONTRACT, start: start(installed), health, assets: [{ folder: assets, path: at }] };
    writeFileSync(path.join(folder, 'holdfast.app.json'), JSON.stringify(contract));
    return { whole: packed(folder, ['.']), assets: packed(folder, ['holdfast.app.json', assets]) };
  };
  const machine = await fleet.launch();
  const [one, two] = [release('one'), release('two')];
  expect(await fleet.install(machine.instanceId, '1.0.0', one.whole, { fencingToken: '1' })).toMatchObject({ result: 'installed' });
  const releaseUrl = 'https://releases.s3.us-east-1.amazonaws.com/web/2.0.0/assets.tar.gz';
  fleet.objects.set(releaseUrl, two.assets.bytes);
  const parameters = { fencingToken: '1', version: '2.0.0', releaseUrl, sha256: two.assets.sha256, wanted: '2.0.0,1.0.0' };
  const { StandardOutputContent: line } = await fleet.run(machine.instanceId, 'test-stageAssets', parameters, 'stageAssets');
  expect(stageAssetsOutput.parse(JSON.parse(line))).toMatchObject({ result: 'staged', staged: ['2.0.0'], served });
});
