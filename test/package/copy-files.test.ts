/** What the package takes of a checkout. */
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { copyFiles } from '../../package/copy-files.ts';

let root: string;
let checkout: string;
const write = (file: string) => {
  mkdirSync(path.dirname(path.join(checkout, file)), { recursive: true });
  writeFileSync(path.join(checkout, file), file);
};
const git = (...args: string[]) => execFileSync('git', args, { cwd: checkout, stdio: 'pipe' });
const TRACKED = [
  ...['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'cdk.json', 'server/tomcat/files/conf/server.xml', 'docs/deploys.md'],
  ...['holdfast', 'server/documents/instance.py', 'server/user-data/prepare.sh', 'session/user-sessions/index.mjs'],
  ...['examples/configurations/store-alone.json', 'examples/policies/doctor-before.json', 'examples/first-day/holdfast.config.json'],
];
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'copy-files-'));
  checkout = path.join(root, 'checkout');
  for (const file of [...TRACKED, 'package.json', 'package/README.md']) write(file);
  git('init', '-q');
  git('add', '.');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const packed = async () => {
  const folder = path.join(root, 'package');
  const isPacked = await copyFiles(checkout, folder);
  const files = globSync('**', { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile());
  return { isPacked, files: files.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))).sort() };
};

describe('a clone', () => {
  it('with files of its user next to its own is packed without them', async () => {
    for (const file of ['docs/passwords.txt', 'docs/notes/draft.md', 'session/.env', 'server/tomcat/files/conf/key.pem']) write(file);
    for (const file of ['server/documents/mine.py', 'server/user-data/mine.sh', 'functions/mine/handler.ts']) write(file);
    const { files, isPacked } = await packed();
    expect(files).toEqual(TRACKED.toSorted());
    expect(isPacked(path.join(checkout, 'functions/mine/handler.ts'))).toBe(false);
  });

  it('has what was added and not yet committed, and is packed from a hook of another repository too', async () => {
    write('docs/new.md');
    git('add', 'docs/new.md');
    process.env['GIT_INDEX_FILE'] = '/nowhere';
    try {
      expect((await packed()).files).toContain('docs/new.md');
    } finally {
      delete process.env['GIT_INDEX_FILE'];
    }
  });
});

describe('a clone whose files git does not name', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ['has an index that git cannot read', () => writeFileSync(path.join(checkout, '.git/index'), 'x')],
    ['has lost a part of its repository', () => rmSync(path.join(checkout, '.git/HEAD'))],
    ['has nothing added', () => rmSync(path.join(checkout, '.git/index'))],
    ['is on a machine without git', () => vi.stubEnv('PATH', '/nowhere')],
    // Git calls it dubious. Only root can give a folder away.
    ...(process.getuid?.() === 0 ? [['is of another user', () => chownSync(checkout, 12_345, 12_345)] as const] : []),
  ] as const)('is not packed: it %s', async (_what, spoil) => {
    write('docs/passwords.txt');
    spoil();
    await expect(packed()).rejects.toThrow(/^Git does not name the files of .*: .+\. Nothing was packed\./);
    expect(existsSync(path.join(root, 'package'))).toBe(false);
  });
});

describe('a folder that is not a clone', () => {
  it.each(['of an archive of the sources', 'within another repository'])('%s is packed with every file', async (what) => {
    rmSync(path.join(checkout, '.git'), { recursive: true });
    if (what === 'within another repository') execFileSync('git', ['init', '-q'], { cwd: root });
    expect((await packed()).files).toEqual(TRACKED.toSorted());
  });
});
