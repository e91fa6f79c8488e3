/** Copies of this checkout, in which tests run without touching the original. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { processStart } from '../../setup/process-start.mjs';
import { REPOSITORY } from '../run-node.ts';

const FOLDER = path.join(REPOSITORY, '.holdfast', 'copies');

/** The process that made it. */
const COPY = /^copy-(\d+)-\d+$/;

const git = (args: readonly string[], cwd: string) => execFileSync('git', args, { cwd, encoding: 'utf8', timeout: 120_000 });

/** Files that git tracks or would track, from the repository's root. */
export function checkoutFiles(): string[] {
  const listed = git(['ls-files', '-z', '--cached', '--others', '--exclude-standard'], REPOSITORY).split('\0');
  return [...new Set(listed)].filter((file) => file !== '' && existsSync(path.join(REPOSITORY, file)));
}

/**
 * A fresh copy, uncommitted changes as well. What set-up installed is shared, and nothing in a test changes it.
 * @param index of the copy: several of a process have different ones
 */
export function copyCheckout(index: number, files: readonly string[]): string {
  const copy = path.join(FOLDER, `copy-${process.pid}-${index}`);
  removeLeftovers();
  removeCheckout(copy);
  mkdirSync(FOLDER, { recursive: true });
  git(['clone', '--quiet', '--shared', '--no-checkout', REPOSITORY, copy], FOLDER);
  for (const file of files) cpSync(path.join(REPOSITORY, file), path.join(copy, file), { verbatimSymlinks: true });
  git(['reset', '--quiet'], copy);
  shareSetUp(copy);
  return copy;
}

/** Gives a checkout with the same lock files, others would be installed into what is shared, what set-up installed here. */
export function shareSetUp(copy: string): void {
  mkdirSync(path.join(copy, '.holdfast'));
  cpSync(path.join(REPOSITORY, '.holdfast/setup.json'), path.join(copy, '.holdfast/setup.json'));
  for (const shared of ['node_modules', '.holdfast/venv', '.holdfast/stores', '.holdfast/java']) {
    if (existsSync(path.join(REPOSITORY, shared))) symlinkSync(path.join(REPOSITORY, shared), path.join(copy, shared));
  }
}

/** Removes the copies that killed runs left. */
export function removeLeftovers(folder = FOLDER): void {
  for (const copy of existsSync(folder) ? readdirSync(folder) : []) {
    const [, pid] = COPY.exec(copy) ?? [];
    if (pid !== undefined && processStart(Number(pid)) === undefined) removeCheckout(path.join(folder, copy));
  }
}

/** A file that a process writes meanwhile would keep its folder. */
export function removeCheckout(copy: string): void {
  rmSync(copy, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
