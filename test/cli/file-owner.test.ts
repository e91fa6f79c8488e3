import { chmodSync, chownSync, lchownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { choosePlace } from '../../cli/choose-place.ts';
import { readCloudState, scratchFolder, writeCloudState } from '../../cli/cloud-state.ts';
import { foreignFolder, foreignOwner, isPrivate } from '../../cli/file-owner.ts';
import { compileValves } from '../../cli/releases/tomcat/compile-valves.ts';
import { claimCheckout } from '../../lab/demo/claim-checkout.ts';
import { startDaemon } from '../../lab/demo/daemon-client.ts';
import { forgetLastRun, lastRunLogs } from '../../lab/demo/last-run-logs.ts';
import { runsFolder } from '../../lab/demo/runs-folder.ts';
import { stateOf } from './run-cli.ts';

const FILE = 0o100000;
const LINK = 0o120000;

const FOLDER = 0o040000;
const OWN_GROUP = 1000;
const ALL_USERS = 100;
const user = (uid: number | undefined) => ({ uid, ownGroups: [OWN_GROUP] });
const ANOTHER = 'belongs to another user (1001, and you are 1000)';
const EVERYBODY = 'can be written by every user of this machine';
const ITS_GROUP = 'can be written by every user of its group (100)';

it.each<[string, number, number, number, number | undefined, string | undefined]>([
  ['of this user', 1000, OWN_GROUP, FILE | 0o644, 1000, undefined],
  ['of this user, for a group of its own as umask 002 makes it', 1000, OWN_GROUP, FILE | 0o664, 1000, undefined],
  ['of this user, for a group of others', 1000, ALL_USERS, FILE | 0o664, 1000, ITS_GROUP],
  ['of this user, which a group of others reads', 1000, ALL_USERS, FILE | 0o644, 1000, undefined],
  ['of this user, for the group of root', 1000, 0, FILE | 0o664, 1000, undefined],
  ['of root, in the place of an administrator', 0, 0, FILE | 0o644, 1000, undefined],
  ['of root, for a group of others', 0, ALL_USERS, FILE | 0o664, 1000, ITS_GROUP],
  ['of another user', 1001, OWN_GROUP, FILE | 0o644, 1000, ANOTHER],
  ['of a user, for root', 1001, OWN_GROUP, FILE | 0o600, 0, 'belongs to another user (1001, and you are 0)'],
  ['that everybody writes to', 1000, OWN_GROUP, FILE | 0o666, 1000, EVERYBODY],
  ['that is a link, whose permissions mean nothing', 1000, ALL_USERS, LINK | 0o777, 1000, undefined],
  ['that is a link of another user', 1001, OWN_GROUP, LINK | 0o777, 1000, ANOTHER],
  ['on Windows, which has no such owner', 1001, ALL_USERS, FILE | 0o666, undefined, undefined],
])('a file %s', (_what, uid, gid, mode, me, expected) => {
  expect(foreignOwner({ uid, gid, mode }, user(me))).toBe(expected);
});

it.each<[string, number, number, number, string | undefined]>([
  ['of this user', 1000, OWN_GROUP, 0o755, undefined],
  ['that everybody writes to', 1000, OWN_GROUP, 0o777, EVERYBODY],
  ['that everybody writes to, and where nobody removes what is another’s', 0, 0, 0o1777, undefined],
  ['of another user, who removes there what he likes', 1001, OWN_GROUP, 0o1777, ANOTHER],
  ['for a group of others', 0, ALL_USERS, 0o775, ITS_GROUP],
])('a folder above %s', (_what, uid, gid, mode, expected) => {
  expect(foreignFolder({ uid, gid, mode: FOLDER | mode }, user(1000))).toBe(expected);
});

it.each<[string, string, number, boolean]>([
  ['has the user’s name', 'ann:x:1000:', 1000, true],
  ['has the user’s name and lists the user', 'root:x:0:\nann:x:1000:ann', 1000, true],
  ['has the user’s name and another member', 'ann:x:1000:ann,bob', 1000, false],
  ['has another name, as where all users have one group', 'users:x:100:', 100, false],
  ['is in no file, and has the user’s number', 'root:x:0:', 1000, true],
  ['is in no file, and has another number', 'root:x:0:', 1001, false],
])('whether a primary group is the user’s own: it %s', (_what, groups, gid, expected) => {
  expect(isPrivate({ uid: 1000, gid, username: 'ann' }, groups)).toBe(expected);
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
    chmodSync(file(), 0o644);
    expect(place().installation).toBe('shop');
  });

  it('in a folder that everybody can write to is refused, however far above, and not where the folder keeps what is another’s', () => {
    const far = path.join(folder, 'project/holdfast.config.json');
    mkdirSync(path.dirname(far));
    writeFileSync(far, CONFIG);
    expect(place().installation).toBe('shop');
    chmodSync(folder, 0o777);
    expect(() => place()).toThrow(`${far} is the nearest configuration, and lies below ${folder}, which can be written by every user`);
    expect(place({ config: '../holdfast.config.json' }).installation).toBe('shop');
    chmodSync(folder, 0o1777);
    expect(place().installation).toBe('shop');
  });

  it('that is a link is refused where everybody can write to the folder that it leads to', () => {
    const elsewhere = path.join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(path.join(elsewhere, 'own.json'), CONFIG);
    symlinkSync('elsewhere/own.json', file());
    expect(place().installation).toBe('shop');
    chmodSync(elsewhere, 0o777);
    expect(() => place()).toThrow(`lies below ${elsewhere}, which can be written by every user`);
  });

  it.skipIf(process.getuid?.() !== 0)('that a group of others can write to is refused, and so is a folder of another user', () => {
    writeFileSync(file(), CONFIG);
    chownSync(file(), 0, SOMEBODY);
    chmodSync(file(), 0o664);
    expect(() => place()).toThrow('can be written by every user of its group (65534)');
    chmodSync(file(), 0o644);
    expect(place().installation).toBe('shop');
    chownSync(folder, SOMEBODY, SOMEBODY);
    expect(() => place()).toThrow(`lies below ${folder}, which belongs to another user (65534, and you are 0)`);
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
    const start = () => startDaemon({} as never, new AbortController().signal);
    const uses = [
      ...[scratchFolder, runsFolder, compileValves, lastRunLogs, forgetLastRun, claimCheckout, start],
      () => writeCloudState(stateOf('http://127.0.0.1:1')),
    ];
    chmodSync(folder, 0o777);
    for (const use of uses) await expect((async () => use())(), use.name).rejects.toMatchObject({ code: 'ForeignState' });
    chmodSync(folder, 0o700);
    expect(scratchFolder()).toBe(path.join(folder, 'tmp'));
    expect(readdirSync(folder)).toEqual(['cloud.json']);
  });

  it.skipIf(process.getuid?.() !== 0).each([['the folder'], ['the file']])('is refused when %s belongs to another user', async (what) => {
    chownSync(what === 'the file' ? file() : folder, SOMEBODY, SOMEBODY);
    await expect(readCloudState()).rejects.toThrow('belongs to another user (65534, and you are 0)');
  });
});
