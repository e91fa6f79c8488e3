import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createRootCredentials } from '#local-aws/local-account.ts';
import { openLedger } from '../../processes/process-ledger.ts';
import { writeCredentials } from '../write-credentials.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-credentials-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('another user cannot read the credentials file, which has the format of AWS', () => {
  const root = createRootCredentials();
  const file = writeCredentials(folder, root);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8').split('\n').slice(0, 3)).toEqual([
    '[default]',
    'aws_access_key_id = 000000000000',
    `aws_secret_access_key = ${root.secretAccessKey}`,
  ]);
});

it('another user cannot enter the folder of a run', () => {
  expect(statSync(openLedger(path.join(folder, 'run'), 'r1').folder).mode & 0o777).toBe(0o700);
});

it('the secret of one run is not that of another', () => {
  const secrets = new Set(Array.from({ length: 10 }, () => createRootCredentials().secretAccessKey));
  expect(secrets.size).toBe(10);
  for (const secret of secrets) expect(secret).toMatch(/^[\w-]{40}$/);
});
