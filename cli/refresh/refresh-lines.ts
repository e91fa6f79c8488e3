/** A refresh as lines of text. Pure. */
import type { LaunchedFrom, RefreshedServer, RefreshRecord, ServersRecord } from '../../functions/records/refresh-records.ts';
import type { RefreshPlan } from '../../functions/refresh/contract.ts';
import { holdfast } from '../../functions/shared/command-options.ts';
import { counted } from '../../functions/shared/texts.ts';

const describe = ({ launchTemplate = 'no launch template', imageId }: LaunchedFrom): string =>
  imageId === undefined ? launchTemplate : `${launchTemplate}, ${imageId}`;

const TEXTS: Readonly<Record<RefreshedServer['phase'], (server: RefreshedServer) => string>> = {
  waiting: ({ why }) => `waiting: ${why}`,
  draining: () => 'draining',
  replacing: () => 'terminating; waiting for its replacement',
  replaced: ({ replacement }) =>
    replacement ? `replaced by ${replacement.instanceId} (${describe(replacement)})` : 'gone; the group has become smaller',
  kept: ({ detail }) => `kept: ${detail ?? ''}`,
  failed: ({ detail }) => `failed: ${detail ?? ''}`,
};

/** The lines that are new. @param seen what was printed of each server; it is updated */
export function refreshLines(servers: RefreshRecord['servers'], seen: Map<string, string>): string[] {
  return Object.entries(servers).flatMap(([instanceId, server]) => {
    const cut = server.requestsCut === undefined ? '' : `; its drain cut ${counted(server.requestsCut, 'request')}`;
    const line = `  ${instanceId}  ${TEXTS[server.phase](server)}${cut}`;
    if (seen.get(instanceId) === line) return [];
    seen.set(instanceId, line);
    return [line];
  });
}

/** Describes what a successful refresh replaced, or what a refresh would replace. */
export function planLines({ members, current, toReplace }: RefreshPlan, dryRun: boolean, seconds: number): string[] {
  const count = `${toReplace.length} of ${members} servers`;
  if (toReplace.length === 0) return [`no server is outdated: all ${members} were launched from ${describe(current)}`];
  if (!dryRun) return [`replaced ${count} in ${seconds.toFixed(1)} s; current is ${describe(current)}`];
  return [
    `would replace ${count}; current is ${describe(current)}`,
    ...toReplace.map(({ instanceId, why }) => `  ${instanceId}  ${why}`),
    'nothing was changed',
  ];
}

/** For status: none while no server is outdated, or nothing was read yet. */
export function outdatedLines(record: ServersRecord | undefined, options: string): string[] {
  const outdated = Object.entries(record?.outdated ?? {});
  if (!record || outdated.length === 0) return [];
  return [
    `outdated ${outdated.length} of ${record.members} servers, at ${new Date(record.checkedAtMs).toISOString()}. Replace them with: ${holdfast(`refresh ${options}`)}`,
    ...outdated.map(([instanceId, why]) => `  ${instanceId}  ${why}`),
  ];
}
