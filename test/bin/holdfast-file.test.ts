/** The file `holdfast`: of a checkout, and as `init` writes it. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OWN_VERSION } from '../../infra/own-files.ts';
import { CODE_FOLDER } from '../../package/build-code.ts';
import type { Ran } from '../cli/run-cli.ts';
import { compileCache } from '../compile-cache.ts';
import { REPOSITORY } from '../run-node.ts';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'holdfast file '));
  folder = path.join(root, 'my shop');
  mkdirSync(folder);
  copyFileSync(path.join(REPOSITORY, 'holdfast'), path.join(folder, 'holdfast'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** As npm installs it, with the link; it prints `name` and its arguments, and ends with 4. */
function install(where: string, name: string): void {
  const places = [path.join(where, 'node_modules/holdfast', CODE_FOLDER, 'holdfast.js'), path.join(where, 'node_modules/.bin/holdfast')];
  for (const place of places) {
    mkdirSync(path.dirname(place), { recursive: true });
    const print = `console.log(${JSON.stringify(name)}, ...process.argv.slice(2))`;
    writeFileSync(place, `#!/usr/bin/env node\n${print};\nprocess.exitCode = 4;\n`, { mode: 0o755 });
  }
}

const run = (file: string, args: readonly string[], cwd = root): Promise<Ran> =>
  new Promise((resolve) => {
    const PATH = [path.join(root, 'node_modules/.bin'), path.dirname(process.execPath), process.env['PATH']].join(path.delimiter);
    const env = { PATH, HOME: root, CDPATH: root, NODE_PATH: path.join(root, 'node_modules'), ...compileCache() };
    execFile(file, args, { cwd, env }, (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }));
  });

describe('the file holdfast', () => {
  it.each([
    ['--help', expect.stringMatching(/^Usage: holdfast /)],
    ['--version', `${OWN_VERSION}\n`],
  ])('of a checkout runs that from another folder, with %s', async (option, stdout) => {
    expect(await run(path.join(REPOSITORY, 'holdfast'), [option])).toEqual({ code: 0, stdout, stderr: '' });
  });

  it.each(['./holdfast', '../my shop/holdfast'])('runs the package of its folder as %s, with its arguments and exit code', async (file) => {
    install(folder, 'own');
    install(root, 'another');
    expect(await run(file, ['deploy', '1.0.0 b', '--version'], folder)).toEqual({
      code: 4,
      stdout: 'own deploy 1.0.0 b --version\n',
      stderr: '',
    });
  });

  it('runs no other one: neither of a folder above, nor of PATH or NODE_PATH', async () => {
    install(root, 'another');
    expect(await run('my shop/holdfast', ['--version'])).toEqual({
      code: 2,
      stdout: '',
      stderr: `NotInstalled: Holdfast is not installed in ${folder}, and nothing was run. Run "npm install" there. In a workspace, npm installs it at the root: run node_modules/.bin/holdfast of that folder.\n`,
    });
  });
});
