/** What is written before each start of the application, with a program in the place of the AWS CLI. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { findPython } from '#local-aws/instances/machine-folder.ts';

const SCRIPT = path.resolve(import.meta.dirname, '../../../server/documents/fetch_store_secret.py');
const UNUSABLE = 'the secret of the session store has no usable password, or cannot be read\n';
let root: string;
let python: string;
const target = () => path.join(root, 'run/store.env');
beforeAll(async () => {
  // A version manager's python3 would put a program aws of its own before ours.
  python = await findPython(process.env['PATH'] ?? '');
});
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'holdfast-secret-'));
  mkdirSync(path.join(root, 'run'));
  mkdirSync(path.join(root, 'bin'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function fetchSecret(answer: string) {
  writeFileSync(path.join(root, 'answer'), answer);
  writeFileSync(path.join(root, 'bin/aws'), '#!/bin/sh\ncat "$HOLDFAST_ROOT/answer"\n', { mode: 0o755 });
  const env = {
    PATH: `${path.join(root, 'bin')}:${process.env['PATH']}`,
    HOLDFAST_ROOT: root,
    STORE_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:store',
  };
  const { status, stderr } = spawnSync(python, ['-I', SCRIPT], { env, encoding: 'utf8', timeout: 20_000 });
  return { status, stderr };
}

it('a usable password is written for the service alone, quoted for it', () => {
  expect(fetchSecret('{"password":"a\\"b$c"}')).toEqual({ status: 0, stderr: '' });
  expect(readFileSync(target(), 'utf8')).toBe('SESSION_STORE_PASSWORD="a\\"b\\$c"\n');
  expect(statSync(target()).mode & 0o777).toBe(0o600);
});

it.each([
  ['no JSON', 'gone'],
  ['no password', '{"username":"web"}'],
  ['a number', '{"password":1}'],
  ['a control character', '{"password":"a\\nb"}'],
])('a secret that has no usable password (%s) leaves the last one, with which the application starts', (_, answer) => {
  writeFileSync(target(), 'SESSION_STORE_PASSWORD="last"\n');
  expect(fetchSecret(answer)).toEqual({ status: 0, stderr: `${UNUSABLE}the last password is used\n` });
  expect(readFileSync(target(), 'utf8')).toBe('SESSION_STORE_PASSWORD="last"\n');
});

it('without a last one the application does not start, and the journal says why', () => {
  expect(fetchSecret('{}')).toEqual({ status: 1, stderr: `${UNUSABLE}the application does not start without one\n` });
  expect(existsSync(target())).toBe(false);
});
