/** Secrets that scenarios met and that may be gone at the end of the run: in a file next to the run's folder, which is not searched. */
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Secret } from '../../leaks/find-secrets.ts';
import { SHORTEST } from '../../leaks/forms-of-secret.ts';

const fileIn = (stateFolder: string): string => path.join(stateFolder, 'known-secrets.ndjson');
const file = (): string => fileIn(process.env['HOLDFAST_STATE_FOLDER'] as string);
const noted = new Set<string>();

export function forgetNotedSecrets(): void {
  rmSync(file(), { force: true });
}

/** Values that other text has by chance are left out. */
export function noteSecrets(secrets: readonly Secret[]): void {
  const fresh = secrets.filter(({ value }) => value.length >= SHORTEST && !noted.has(value));
  if (fresh.length === 0) return;
  for (const { value } of fresh) noted.add(value);
  appendFileSync(file(), fresh.map((secret) => `${JSON.stringify(secret)}\n`).join(''), { mode: 0o600 });
}

/** Each value once, by what it was first noted as: a process that has it in its environment comes later. */
export function notedSecrets(): readonly Secret[] {
  const secrets = readFileSync(file(), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Secret);
  return [...new Map(secrets.toReversed().map((secret) => [secret.value, secret])).values()];
}

/** An empty file, so that a run on a machine without /proc has one. */
export function beginNotedSecrets(): void {
  writeFileSync(file(), '', { mode: 0o600 });
}
