/** Calls that were refused because a test had taken the permission away: the check for refused calls ignores them. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Denial } from '../../local/aws/iam/compare-permissions.ts';

const fileOf = (runFolder: string): string => path.join(runFolder, 'deliberate-denials.ndjson');

export function noteDeliberate(runFolder: string, denials: readonly Denial[]): void {
  for (const { principal, action, resource } of denials) {
    appendFileSync(fileOf(runFolder), `${JSON.stringify({ principal, action, resource })}\n`);
  }
}

export function deliberateDenials(runFolder: string): readonly Denial[] {
  if (!existsSync(fileOf(runFolder))) return [];
  const lines = readFileSync(fileOf(runFolder), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Denial);
}

export const isDeliberate = (runFolder: string, call: Denial): boolean =>
  deliberateDenials(runFolder).some(
    ({ principal, action, resource }) => principal === call.principal && action === call.action && resource === call.resource,
  );
