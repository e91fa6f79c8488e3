import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { removeLeftovers } from './checkout.ts';

it('copies of processes that have ended are removed, and nothing else', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-copies-'));
  const { pid: ended } = spawnSync('true');
  for (const name of [`copy-${ended}-1`, `copy-${ended}-2`, `copy-${process.pid}-1`, 'mine'])
    mkdirSync(path.join(folder, name, 'test'), { recursive: true });
  removeLeftovers(folder);
  expect(readdirSync(folder).sort()).toEqual([`copy-${process.pid}-1`, 'mine']);
  removeLeftovers(path.join(folder, 'not-there'));
  rmSync(folder, { recursive: true });
});
