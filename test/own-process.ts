/**
 * Test files that have a process of their own: they replace modules, take back what the set-up of the quick tests replaces, or change
 * the environment, which modules read when they are loaded. All others share the processes, and with them what is loaded.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const CHANGES_PROCESS = /\bvi\.(?:(?:un)?mock|stubEnv)\(|\bprocess\.env\[[^\]]+\] = /;

/** @returns their paths, relative to the repository */
export const filesWithOwnProcess = (): string[] =>
  globSync('{test,lab}/**/*.test.ts', { cwd: ROOT }).filter((file) => CHANGES_PROCESS.test(readFileSync(path.join(ROOT, file), 'utf8')));
