/** The example of README.md, as a script of another project: outside the checkout, by the exports of package.json. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { CHECKOUT } from '../../../../setup/checkout.mjs';

const LOCAL_AWS = path.resolve(import.meta.dirname, '../..');
const project = mkdtempSync(path.join(tmpdir(), 'another-project-'));
afterAll(() => rmSync(project, { recursive: true }));

it('another project starts it, calls two services and ends it, by the exports alone', async () => {
  mkdirSync(path.join(project, 'node_modules'));
  symlinkSync(LOCAL_AWS, path.join(project, 'node_modules/local-aws'));
  symlinkSync(path.join(CHECKOUT, 'node_modules/@aws-sdk'), path.join(project, 'node_modules/@aws-sdk'));
  const [, example = ''] = /^```js\n(.+?)^```/ms.exec(readFileSync(path.join(LOCAL_AWS, 'README.md'), 'utf8')) ?? [];
  writeFileSync(path.join(project, 'example.mjs'), `${example}\nconsole.log(aws.folder);\n`);
  const { stdout } = await promisify(execFile)(process.execPath, ['example.mjs'], { cwd: project, timeout: 150_000 });
  const [bucket, targetGroup, ...more] = stdout.trim().split('\n');
  expect(bucket).toBe('/reports');
  expect(targetGroup).toMatch(/^arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup\/web\/[0-9a-f]{16}$/);
  expect(more.join('')).toMatch(/'s3:CreateBucket', +'elasticloadbalancing:CreateTargetGroup'/);
  expect(existsSync(more.at(-1) as string)).toBe(false);
});

it('each export of package.json is a module of this folder', () => {
  const { exports } = JSON.parse(readFileSync(path.join(LOCAL_AWS, 'package.json'), 'utf8')) as { exports: Record<string, string> };
  expect(Object.keys(exports)).toEqual(['./calls', './errors', './faults', './start']);
  for (const file of Object.values(exports)) expect([file, existsSync(path.join(LOCAL_AWS, file))]).toEqual([file, true]);
});
