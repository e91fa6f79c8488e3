/** Calls that were refused because a test had taken the permission away: the check for refused calls ignores them. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCalls } from '#local-aws/iam/calls.ts';
import { type Denial, isGranted } from '#local-aws/iam/compare-permissions.ts';
import { readRoles } from '#local-aws/iam/read-roles.ts';
import { kept } from './fleet.ts';

const fileOf = (runFolder: string): string => path.join(runFolder, 'deliberate-denials.ndjson');

export function noteDeliberate(runFolder: string, denials: readonly Denial[]): void {
  for (const { principal, action, resource } of denials) {
    appendFileSync(fileOf(runFolder), `${JSON.stringify({ principal, action, resource })}\n`);
  }
}

/** How long a function whose role is gone can still try to write its log after the last stack is deleted. */
const LAST_CALLS_MS = 2_000;

/**
 * Notes what an installation's roles are refused while its stacks are deleted, if they were allowed it until then: a role's
 * policies go before its function does, which an event can still start. What a role never had, the check still finds.
 */
export async function notingRefusals(installation: string, destroy: () => Promise<void>): Promise<void> {
  const roles = await readRoles({ ...kept, installation }).catch(() => []);
  const refused = () => readCalls(kept.runFolder).filter((call) => !call.allowed && isGranted(roles, call));
  const before = refused().length;
  await destroy();
  await sleep(LAST_CALLS_MS);
  noteDeliberate(kept.runFolder, refused().slice(before));
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
