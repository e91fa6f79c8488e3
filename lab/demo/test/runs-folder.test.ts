import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { programsPath } from '#local-aws/instances/programs-path.ts';
import { archiveOf, CONTRACT_WITHOUT_COUNTS } from '#local-aws/test/instances/fixture-release.ts';
import { FULL } from '../../../test/e2e/full-run.ts';
import { until } from '../../../test/until.ts';
import { leaveRunsFolder, runsFolder } from '../runs-folder.ts';
import { startFleet } from './aws/instances/test-fleet.ts';
import { startDaemonIn } from './start/kept-daemon.ts';
import { Place } from './start/start-run.ts';

let root: string;
let checkout: string;
let outside: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'holdfast-runs-')));
  checkout = path.join(root, 'checkout');
  outside = path.join(root, 'outside');
  mkdirSync(outside);
  makeCheckout(checkout);
  vi.stubEnv('HOLDFAST_STATE_FOLDER', path.join(checkout, '.holdfast'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

/** Modules, and a package.json that makes every file below it an ES module. */
function makeCheckout(folder: string): void {
  const module = path.join(folder, 'node_modules/only-there');
  mkdirSync(module, { recursive: true });
  writeFileSync(path.join(module, 'index.js'), 'module.exports = 1;\n');
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
}

const SERVER = "createServer((_, response) => response.end('{}')).listen(Number(process.env.PORT), process.env.HOST ?? '127.0.0.1');\n";
const releaseWith = (server: string, file: string) =>
  archiveOf([
    { name: './', type: 'directory' },
    { name: './holdfast.app.json', body: JSON.stringify({ ...CONTRACT_WITHOUT_COUNTS, start: ['node', file] }) },
    { name: `./${file}`, body: server, mode: 0o644 },
  ]);

describe('a release on a server of the local cloud', () => {
  // As on AWS.
  it.each([
    ['finds no module of the checkout', `import 'only-there';\nimport { createServer } from 'node:http';\n${SERVER}`, 'server.mjs', false],
    ['is no ES module by the package.json of the checkout', `const { createServer } = require('node:http');\n${SERVER}`, 'server.js', true],
    ...(FULL ? ([['runs with what is in it', `import { createServer } from 'node:http';\n${SERVER}`, 'server.mjs', true]] as const) : []),
  ] as const)('%s', async (_what, server, file, runs) => {
    const fleet = await startFleet({}, undefined, {}, { root: path.join(runsFolder([outside]), 'r1/instances') });
    try {
      const { instanceId } = await fleet.launch();
      const archive = await releaseWith(server, file);
      const installed = await fleet.install(instanceId, '1.0.0', archive);
      expect(installed['result'] === 'installed', JSON.stringify(installed)).toBe(runs);
    } finally {
      await fleet.stop();
    }
  });

  it('finds no program of an npm package on its PATH', () => {
    expect(programsPath('/checkout/node_modules/.bin:/usr/bin:/opt/npm/node_modules/npm/bin:relative::/bin')).toBe('/usr/bin:/bin');
    expect(programsPath('/checkout/node_modules/.bin')).toBe('/usr/bin:/bin');
    expect(programsPath()).toBe('/usr/bin:/bin');
  });
});

describe('the folder of the runs', () => {
  it('is outside of a checkout, its user’s alone, found again with another TMPDIR, and leaves nothing', () => {
    const folder = runsFolder([outside]);
    expect(path.dirname(folder)).toBe(outside);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readlinkSync(path.join(checkout, '.holdfast/run'))).toBe(folder);
    expect(runsFolder([path.join(root, 'another')])).toBe(folder);
    mkdirSync(path.join(folder, 'r1'));
    leaveRunsFolder();
    expect(readdirSync(folder)).toEqual(['r1']);
    rmSync(path.join(folder, 'r1'), { recursive: true });
    leaveRunsFolder();
    expect([readdirSync(outside), readdirSync(path.join(checkout, '.holdfast'))]).toEqual([[], []]);
  });

  it('is another one for another checkout, and made again when the temporary folder was emptied', () => {
    const folder = runsFolder([outside]);
    rmSync(folder, { recursive: true });
    expect(runsFolder([outside])).toBe(folder);
    makeCheckout(path.join(root, 'second'));
    vi.stubEnv('HOLDFAST_STATE_FOLDER', path.join(root, 'second/.holdfast'));
    expect(runsFolder([outside])).not.toBe(folder);
    expect(readdirSync(outside)).toHaveLength(2);
  });

  it('stays in a state folder that sees no modules', () => {
    vi.stubEnv('HOLDFAST_STATE_FOLDER', path.join(outside, 'state'));
    expect(runsFolder([])).toBe(path.join(outside, 'state/run'));
    leaveRunsFolder();
    expect(existsSync(path.join(outside, 'state/run'))).toBe(true);
  });

  it('passes over places below modules, of other users, and where no program runs, and names them when no place is left', () => {
    const open = path.join(root, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    writeFileSync(path.join(root, 'file'), '');
    expect(path.dirname(runsFolder([path.join(checkout, 'tmp'), open, path.join(root, 'file/x'), outside]))).toBe(outside);
    rmSync(path.join(checkout, '.holdfast'), { recursive: true });
    const refused = () => runsFolder([path.join(checkout, 'tmp'), open]);
    expect(refused).toThrow(`lies below ${checkout}, where Node finds modules or a package.json; `);
    expect(refused).toThrow('can be written by every user of this machine');
    expect(refused).toThrow('Nothing was started. Set TMPDIR');
    expect(readdirSync(open)).toEqual([]);
  });
});

class InCheckout extends Place {
  override readonly state = path.join(this.folder, 'checkout/.holdfast');
}

it.runIf(FULL)(
  'a local cloud runs outside of its checkout, and when it ends nothing of it is left',
  async () => {
    const place = new InCheckout();
    makeCheckout(path.dirname(place.state));
    try {
      const daemon = startDaemonIn(place);
      const { runFolder, caFile } = await daemon.state;
      expect(path.dirname(path.dirname(runFolder))).toBe(realpathSync(place.temporary));
      expect(caFile).toBe(path.join(place.state, 'tls/ca.pem'));
      expect(place.runs()).toEqual([path.basename(runFolder)]);
      daemon.child.kill('SIGTERM');
      await until(() => daemon.child.exitCode !== null, 'it has ended');
      expect([place.runs(), readdirSync(place.temporary)]).toEqual([[], []]);
    } finally {
      place.remove();
    }
  },
  60_000,
);
