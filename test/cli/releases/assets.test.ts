import { mkdir, rm, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MOST_ASSETS_BYTES, packageRelease, proposeAssets } from '../../../cli/releases/package-release.ts';
import { parseContract } from '../../../cli/releases/read-contract.ts';
import { CONTRACT, temporaryFolder, writeRelease } from './release-folder.ts';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await temporaryFolder();
  folder = join(root, 'app');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const withAssets = (assets: unknown) => JSON.stringify({ ...CONTRACT, assets });
const ASSETS = [{ folder: 'public/assets', path: '/assets/' }];
const made = async (files: Readonly<Record<string, string>>) => {
  await writeRelease(folder, files);
  return packageRelease(folder, '1.4.2', join(root, 'work'));
};

describe('assets of a release', () => {
  it('are packed next to its archive with the contract that names them, the same bytes each time', async () => {
    const files = { 'holdfast.app.json': withAssets(ASSETS), 'public/assets/app.1.js': '1', 'public/index.html': 'x' };
    const first = await made(files);
    const second = await made(files);
    expect(first.assets?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(first.assets?.sha256).toBe(second.assets?.sha256);
    expect(first.assets?.sha256).not.toBe(first.sha256);
    expect((await made({ ...files, 'public/index.html': 'y' })).assets?.sha256).toBe(first.assets?.sha256);
    expect((await made({ ...files, 'holdfast.app.json': JSON.stringify(CONTRACT) })).assets).toBeUndefined();
  });

  it.each([
    [[{ folder: '../shared', path: '/assets/' }], '"assets.0.folder" is "../shared": it must be a folder of the release'],
    [[{ folder: '/var/www', path: '/assets/' }], '"assets.0.folder" is "/var/www": it must be a folder of the release'],
    [[{ folder: 'public/', path: '/assets/' }], '"assets.0.folder" is "public/": it must be a folder'],
    [[{ folder: '.', path: '/' }], '"assets.0.folder" is ".": it must be a folder'],
    [[{ folder: 'public', path: '/assets' }], '"assets.0.path" is "/assets": it must begin and end with /'],
    [[{ folder: 'public', path: 'assets/' }], '"assets.0.path" is "assets/": it must begin and end with /'],
    [[{ folder: 'public', path: '/a%2e/' }], '"assets.0.path" is "/a%2e/": it must begin and end with /'],
    [[{ folder: 'public', path: '/a/', paths: 1 }], 'unknown key "assets.0.paths"'],
    [
      [
        { folder: 'a', path: '/x/' },
        { folder: 'b', path: '/x/' },
      ],
      '"assets.1.path" is "/x/", which another folder has as well',
    ],
    [
      [
        { folder: 'a', path: '/x/' },
        { folder: 'a/b', path: '/y/' },
      ],
      '"assets.1.folder" is "a/b", which is in another of these folders',
    ],
    [[], 'must not be empty'],
  ])('refuses %j', (assets, words) => {
    expect(() => parseContract(withAssets(assets))).toThrow(words);
  });

  it('refuses a folder that the release does not have, an empty one, a file and a link', async () => {
    const contract = { 'holdfast.app.json': withAssets(ASSETS) };
    await expect(made(contract)).rejects.toThrow('names "public/assets", which is not a folder with files in the release');
    await mkdir(join(folder, 'public/assets'), { recursive: true });
    await expect(made(contract)).rejects.toThrow('which is not a folder with files in the release');
    await rm(join(folder, 'public/assets'), { recursive: true });
    await writeRelease(folder, { ...contract, 'public/real/a.js': '1' });
    await symlink('real', join(folder, 'public/assets'));
    await expect(made(contract)).rejects.toThrow('which is a link: name the folder that it leads to');
  });

  it('refuses a link that leaves the folder, and packs one that does not', async () => {
    const files = { 'holdfast.app.json': withAssets(ASSETS), 'public/assets/js/app.1.js': '1', 'public/secret.txt': 'x' };
    await writeRelease(folder, files);
    await symlink('js/app.1.js', join(folder, 'public/assets/app.js'));
    expect((await made(files)).assets).toBeDefined();
    await symlink('../secret.txt', join(folder, 'public/assets/out.txt'));
    await expect(made(files)).rejects.toThrow('The link "public/assets/out.txt" leaves the folder "public/assets" of "assets"');
  });

  it("refuses more than the disk's part", async () => {
    const files = { 'holdfast.app.json': withAssets(ASSETS), 'public/assets/film.mp4': '' };
    await writeRelease(folder, files);
    await truncate(join(folder, 'public/assets/film.mp4'), MOST_ASSETS_BYTES + 1);
    await expect(packageRelease(folder, '1.4.2', join(root, 'work'))).rejects.toThrow(`servers keep at most ${MOST_ASSETS_BYTES} of each`);
  });
});

describe('the proposal of the key', () => {
  it.each([
    ['vite', ['dist/assets/index-DiwrgTda.js', 'dist/assets/index-n_ryQ3BS.css'], '{"folder":"dist/assets","path":"/assets/"}'],
    [
      'webpack',
      ['public/static/js/main.9f3c01ab.js', 'public/static/css/main.e6c13ad2.css'],
      '{"folder":"public/static","path":"/static/"}',
    ],
    [
      'Rails',
      ['public/assets/app-0a1b2c3d.js', 'public/assets/app-2f5b7a8d9c0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809112.css'],
      '{"folder":"public/assets","path":"/assets/"}',
    ],
    [
      'Django',
      ['staticfiles/admin/css/base.71743a40b0c4.css', 'staticfiles/admin/js/x.0208b96062ba.js'],
      '{"folder":"staticfiles","path":"/static/"}',
    ],
    [
      'Django, own files',
      ['staticfiles/base.71743a40b0c4.css', 'staticfiles/x.0208b96062ba.js'],
      '{"folder":"staticfiles","path":"/static/"}',
    ],
    [
      'Next',
      [
        '.next/static/chunks/main-5d1e8a7bc0f1e2d3.js',
        '.next/static/css/0f1e2d3c4b5a6978.css',
        '.next/static/chunks/1a-5d1e8a7bc0f1e2d3.js',
      ],
      '{"folder":".next/static","path":"/_next/static/"}',
    ],
    [
      'a WAR',
      ['webapps/ROOT/static/a.9f3c01ab.js', 'webapps/ROOT/static/b.e6c13ad2.css'],
      '"app.assets" of the fleet: [{"folder":"static","path":"/static/"}]',
    ],
  ])('of %s', (_name, names, key) => {
    expect(proposeAssets({}, names)).toContain(key);
  });

  it.each([
    ['names without a hash', ['public/jquery-3.7.1.min.js', 'public/bootstrap-carousel.js', 'public/font-awesome.css', 'public/site.css']],
    ['dates', ['public/img/photo-20240101.jpg', 'public/img/photo-20240102.jpg']],
    ['packages', ['node_modules/x/dist/a-DiwrgTda.js', 'node_modules/x/dist/b-n_ryQ3BS.js']],
    ['one file', ['public/assets/index-DiwrgTda.js']],
  ])('not for %s', (_name, names) => {
    expect(proposeAssets({}, names)).toBeUndefined();
  });

  it('not where the contract has the key', () => {
    expect(proposeAssets({ assets: ASSETS }, ['a/index-DiwrgTda.js', 'a/index-n_ryQ3BS.css'])).toBeUndefined();
  });
});
