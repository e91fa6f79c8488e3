import { chmodSync, chownSync, lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { choosePlace } from '../../cli/choose-place.ts';
import { readCloudState, runsFolder, scratchFolder, writeCloudState } from '../../cli/cloud-state.ts';
import { foreignOwner } from '../../cli/own-file.ts';
import { compileValves } from '../../cli/release/tomcat/compile-valves.ts';
import { stateOf } from './run-cli.ts';

const FILE = 0o100000;
const LINK = 0o120000;

it.each<[string, number, number, number | undefined, string | undefined]>([
  ['of this user', 1000, FILE | 0o644, 1000, undefined],
  ['of this user, for a group as umask 002 makes it', 1000, FILE | 0o664, 1000, undefined],
  ['of root, in the place of an administrator', 0, FILE | 0o644, 1000, undefined],
  ['of another user', 1001, FILE | 0o644, 1000, 'belongs to another user (1001, and you are 1000)'],
  ['of a user, for root', 1001, FILE | 0o600, 0, 'belongs to another user (1001, and you are 0)'],
  ['that everybody writes to', 1000, FILE | 0o666, 1000, 'can be written by every user of this machine'],
  ['that is a link, whose permissions mean nothing', 1000, LINK | 0o777, 1000, undefined],
  ['that is a link of another user', 1001, LINK | 0o777, 1000, 'belongs to another user (1001, and you are 1000)'],
  ['on Windows, which has no such owner', 1001, FILE | 0o666, undefined, undefined],
])('a file %s', (_what, uid, mode, me, expected) => {
  expect(foreignOwner({ uid, mode }, me)).toBe(expected);
});

const SOMEBODY = 65_534;
const CONFIG = JSON.stringify({ installation: 'shop', region: 'eu-west-1', fleets: { web: {} } });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'own-file-'));
});
afterEach(() => {
  delete process.env['HOLDFAST_STATE_FOLDER'];
  rmSync(folder, { recursive: true, force: true });
});

describe('a configuration in a folder above', () => {
  const place = (options: { config?: string } = {}, env = {}) => {
    const below = path.join(folder, 'project/deep');
    mkdirSync(below, { recursive: true });
    return choosePlace(options, env, below);
  };
  const file = () => path.join(folder, 'holdfast.config.json');

  it('that everybody can write to is refused, and is read when it is named', () => {
    writeFileSync(file(), CONFIG);
    chmodSync(file(), 0o666);
    expect(() => place()).toThrow(
      `${file()} is the nearest configuration, and can be written by every user of this machine. Nothing was called.`,
    );
    expect(place({ config: '../../holdfast.config.json' }).installation).toBe('shop');
    expect(place({}, { HOLDFAST_CONFIG: file() }).installation).toBe('shop');
    chmodSync(file(), 0o664);
    expect(place().installation).toBe('shop');
  });

  // Only root can give a file away.
  it.skipIf(process.getuid?.() !== 0)(
    'of another user is refused, also as a link to one’s own, and before a farther one is searched',
    () => {
      const own = path.join(folder, 'own.json');
      writeFileSync(own, CONFIG);
      writeFileSync(file(), CONFIG);
      chownSync(file(), SOMEBODY, SOMEBODY);
      expect(() => place()).toThrow(/belongs to another user \(65534, and you are 0\).*name it with --config or HOLDFAST_CONFIG/);
      rmSync(file());
      symlinkSync('own.json', file());
      expect(place().installation).toBe('shop');
      lchownSync(file(), SOMEBODY, SOMEBODY);
      expect(() => place()).toThrow('belongs to another user');
      rmSync(file());
      symlinkSync('/nowhere', file());
      lchownSync(file(), SOMEBODY, SOMEBODY);
      expect(() => place({}, { AWS_REGION: 'us-east-1' })).toThrow('belongs to another user');
    },
  );
});

describe('the folder of a local cloud that HOLDFAST_STATE_FOLDER names', () => {
  const file = () => path.join(folder, 'cloud.json');
  beforeEach(async () => {
    process.env['HOLDFAST_STATE_FOLDER'] = folder;
    await writeCloudState(stateOf('http://127.0.0.1:1'));
  });

  it('is refused when everybody can write to it, and read when only its user can', async () => {
    expect(await readCloudState()).toBeDefined();
    chmodSync(folder, 0o777);
    await expect(readCloudState()).rejects.toMatchObject({ code: 'ForeignState', exitCode: 2 });
    await expect(readCloudState()).rejects.toThrow(`${folder} can be written by every user of this machine.`);
    chmodSync(folder, 0o700);
    chmodSync(file(), 0o666);
    await expect(readCloudState()).rejects.toThrow(`${file()} can be written by every user of this machine.`);
  });

  it('is not used for what a command makes either, when everybody can write to it', async () => {
    const uses = [scratchFolder, runsFolder, compileValves, () => writeCloudState(stateOf('http://127.0.0.1:1'))];
    chmodSync(folder, 0o777);
    for (const use of uses) await expect((async () => use())(), use.name).rejects.toMatchObject({ code: 'ForeignState' });
    chmodSync(folder, 0o700);
    expect(scratchFolder()).toBe(path.join(folder, 'tmp'));
  });

  it.skipIf(process.getuid?.() !== 0).each([['the folder'], ['the file']])('is refused when %s belongs to another user', async (what) => {
    chownSync(what === 'the file' ? file() : folder, SOMEBODY, SOMEBODY);
    await expect(readCloudState()).rejects.toThrow('belongs to another user (65534, and you are 0)');
  });
});
