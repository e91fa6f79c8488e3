/** The version from which an update is tested, taken from the history: its sources, with this checkout's npm packages. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const GIT_LIMIT_MS = 60_000;

export const PREVIOUS = '83732cc66abb3eb7afc6ccd33cea9fd52448c4dc';

/** Types alone, which nothing that runs imports. */
const NOT_RUN: readonly string[] = ['@types/node'];

const git = (...args: string[]) => execFileSync('git', args, { cwd: REPOSITORY, timeout: GIT_LIMIT_MS, maxBuffer: 256 * 1024 * 1024 });

/** False in a checkout without its history. */
export function hasHistory(): boolean {
  try {
    git('cat-file', '-e', `${PREVIOUS}^{commit}`);
    return true;
  } catch {
    return false;
  }
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/**
 * Its sources in a folder of its own below `parent`.
 * @throws Error when it was made for other versions of npm packages than this checkout has
 */
export function unpackPrevious(parent: string): string {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(path.join(parent, 'previous-'));
  execFileSync('tar', ['-x', '-C', folder], { input: git('archive', PREVIOUS), timeout: GIT_LIMIT_MS });
  const [previous, current] = [folder, REPOSITORY].map(versionsOf) as [Record<string, string>, Record<string, string>];
  const others = Object.keys(previous).filter((name) => !NOT_RUN.includes(name) && previous[name] !== current[name]);
  if (others.length > 0) throw new Error(`${PREVIOUS} has other versions of ${others.join(', ')}: install its own packages`);
  symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(folder, 'node_modules'));
  return folder;
}

function versionsOf(folder: string): Record<string, string> {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
  return { ...devDependencies, ...dependencies };
}
