import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requirePackages } from '../../setup/require-packages.mjs';
import { makeFolder } from './fake-programs.ts';

const REPOSITORY = join(import.meta.dirname, '../..');

describe('the command in a checkout without npm packages', () => {
  let checkout: string;
  beforeEach(() => {
    checkout = makeFolder();
    for (const folder of ['bin', 'setup']) cpSync(join(REPOSITORY, folder), join(checkout, folder), { recursive: true });
  });
  afterEach(() => rmSync(checkout, { recursive: true }));

  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(checkout, 'bin/holdfast.mjs'), ...args], { encoding: 'utf8', timeout: 120_000 });
  const sentence = () => `This checkout is not set up yet: run \`npm start\` in ${checkout} first. It installs what Holdfast needs.`;

  it('says what to run, and ends as set-up does', () => {
    expect(run('status')).toMatchObject({ status: 1, stdout: '', stderr: `${sentence()}\n` });
  });

  it('says so in JSON too', () => {
    const { status, stdout } = run('status', '--json');
    expect([status, JSON.parse(stdout)]).toEqual([1, { error: { code: 'SetupError', message: sentence() } }]);
  });

  it('goes on once the packages are there', () => {
    mkdirSync(join(checkout, 'node_modules/commander'), { recursive: true });
    writeFileSync(join(checkout, 'node_modules/commander/package.json'), '{}');
    expect(() => requirePackages(checkout)).not.toThrow();
  });
});
