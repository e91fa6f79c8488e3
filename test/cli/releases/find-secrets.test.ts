import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, findSecrets, listFiles, secretWarning } from '../../../cli/releases/list-files.ts';
import { temporaryFolder, writeRelease } from './release-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const found = async (files: Readonly<Record<string, string>>) => {
  await writeRelease(folder, files);
  const secrets = await findSecrets(folder, await listFiles(folder, DEFAULT_LIMITS));
  return secrets.map(({ name }) => name);
};

const KEY = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n-----BEGIN RSA PRIVATE KEY-----\n';

describe('files of a release that can hold secrets', () => {
  it.each<[string, string]>([
    ['.env', ''],
    ['server/.env.production', ''],
    // As it was published with a well-known npm package.
    ['.env-dylan', ''],
    ['.git/config', ''],
    ['modules/lib/.git', 'gitdir: ../../.git/modules/lib'],
    ['tls/server.pem', KEY],
    ['tls/server.key', KEY],
    ['keys/id_ed25519', 'x'],
    ['.npmrc', 'registry=https://npm.example.com/\n//npm.example.com/:_authToken=npm_x\n'],
    ['.aws/credentials', ''],
    ['home/.netrc', ''],
  ])('names %s', async (name, content) => {
    expect(await found({ [name]: content })).toEqual([name.replace('.git/config', '.git')]);
  });

  it('does not name what is public or has no value', async () => {
    const files = {
      '.env.example': '',
      '.env.local.sample': '',
      'env.js': '',
      '.environment': '',
      'ca/bundle.pem': '-----BEGIN CERTIFICATE-----\n',
      'public.key': '-----BEGIN PUBLIC KEY-----\n',
      '.npmrc': 'registry=https://npm.example.com/\n//npm.example.com/:_authToken=\u0024{NPM_TOKEN}\n# _authToken=x\n',
      '.gitignore': '',
      '.github/workflows/ci.yml': '',
      'id_rsa.pub': '',
      '.aws/config': '',
    };
    await mkdir(join(folder, 'empty'));
    await symlink('.env.example', join(folder, 'link.key'));
    expect(await found(files)).toEqual([]);
  });

  it('warns with the paths and never with their content, and counts what is beyond ten', () => {
    const one = secretWarning([{ name: '.env', what: 'settings, often with passwords' }]);
    expect(one).toContain('the release contains a file that can hold secrets');
    expect(one).toContain('\n  .env (settings, often with passwords)\n');
    const many = secretWarning(Array.from({ length: 12 }, (_, at) => ({ name: `${at}/.env`, what: 'settings' })));
    expect(many).toContain('12 files that can hold secrets');
    expect(many).toContain('  9/.env (settings)\n  and 2 more\n');
  });
});
