/** Warnings at synthesis about a fleet that no deploy could roll, or that one could not finish. Pure. */
import { warnOfTheLimit, worstRollSeconds } from '../functions/deploy/dry-run/times.ts';
import { mostAtOnce } from '../functions/deploy/rolls/most-at-once.ts';
import { judgeTimes } from '../functions/deploy/sessions/judge-routes.ts';
import { withDerived } from '../functions/deploy/settings/read-settings.ts';
import type { ResolvedSettings } from '../functions/deploy/settings/settings.ts';
import { createsGroup, drainsSessions, type FleetConfig, isAdopted, mostServers } from './config/fleet.ts';
import type { Warning } from './strategy-warnings.ts';

/** @param name the fleet's name in the configuration */
export const deployWarnings = (name: string, fleet: FleetConfig): Warning[] => [...tooFewServers(name, fleet), ...tooLong(name, fleet)];

/** Earlier versions went on: an upgrade changes what deploys do, and synthesis does not know whether it is one. */
export const stopsForPeople = (name: string, { deploy }: FleetConfig): string[] =>
  deploy.onPeople === undefined
    ? [
        `Deploys of fleet ${name} stop and roll back when users are turned away or their pages break (docs/what-stops-a-release.md). Set fleets.${name}.deploy.onPeople to "stop", or to "report" if they should only warn.`,
      ]
    : [];

function tooFewServers(name: string, fleet: FleetConfig): Warning[] {
  const { minimumHealthyTargets } = fleet.deploy;
  const id = 'holdfast:no-server-can-be-rolled';
  if (!createsGroup(fleet)) {
    const listed = mostServers(fleet);
    if (listed === undefined || listed > minimumHealthyTargets) return [];
    const key = fleet.members === 'ip' ? 'nodes' : 'instanceIds';
    return [
      {
        id,
        message: `fleets.${name}.existing.${key} has ${listed} server${listed === 1 ? '' : 's'}, and deploy.minimumHealthyTargets ${minimumHealthyTargets} must stay healthy besides the server that is rolled: every deploy is refused. Set minimumHealthyTargets to ${listed - 1} or less.`,
      },
    ];
  }
  if (fleet.minCapacity > minimumHealthyTargets) return [];
  return [
    {
      id,
      message: `fleets.${name}.minCapacity is ${fleet.minCapacity}, and deploy.minimumHealthyTargets ${minimumHealthyTargets} must stay healthy besides the server that is rolled: with ${fleet.minCapacity} servers every deploy but the first is refused. Set minCapacity to ${minimumHealthyTargets + 1} or more, or minimumHealthyTargets to ${fleet.minCapacity - 1} or less.`,
    },
  ];
}

/**
 * Assumes the most servers that the fleet can have, the most at once that its limit allows, and the whole wait of `--pause-after`. Deploys
 * that wait for sessions do not stop after their first servers, and refuse to start if they would take too long.
 */
function tooLong(name: string, fleet: FleetConfig): Warning[] {
  const servers = mostServers(fleet) ?? 0;
  const settings = withDerived(fleet.deploy);
  const sentence = drainsSessions(fleet) ? whyRefused(servers, settings) : warnOfTheLimit(worstSeconds(fleet, servers, settings));
  if (sentence === undefined) return [];
  const pause = drainsSessions(fleet) ? '' : `, and --pause-after waits for up to ${settings.pauseMinutes} minutes`;
  return [{ id: 'holdfast:deploy-can-outlast-its-limit', message: `fleets.${name} can have ${servers} servers${pause}. ${sentence}` }];
}

function worstSeconds(fleet: FleetConfig, servers: number, settings: ResolvedSettings): number {
  const version = isAdopted(fleet) ? 'unknown' : '';
  const rolls = Math.ceil(servers / mostAtOnce(settings.maxParallel, servers));
  const rollSeconds = worstRollSeconds({ version, waitsForSessions: false }, settings);
  return rolls * rollSeconds + settings.pauseMinutes * 60 + settings.settleSeconds;
}

/** Applies the same rule as the deploy itself, which refuses to wait too long for sessions. */
function whyRefused(servers: number, settings: ResolvedSettings): string | undefined {
  const all = Array.from({ length: servers }, (_, index) => ({ instanceId: `server ${index + 1}`, counts: true }));
  const [problem] = judgeTimes(all, settings).problems;
  return problem === undefined ? undefined : `With all of them a deploy would be refused: ${problem}, or keep sessions in the store.`;
}
