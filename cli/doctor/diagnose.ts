import { CHECKS } from '../../functions/checks/checks.ts';
import type { Facts, Sources } from '../../functions/checks/facts.ts';
import type { StoreScope, Subject } from '../../functions/checks/subject.ts';
import { whyUnreachable } from '../../functions/deploy/assess/fleet-members.ts';
import { mostAtOnce } from '../../functions/deploy/rolls/in-flight.ts';
import { fillSettings } from '../../functions/deploy/settings/read-settings.ts';
import { error, type Finding, findingsOf, type Judged, notice, unknown, warning } from '../../functions/shared/check.ts';
import { UNKNOWN_RELEASE } from '../../functions/shared/version.ts';
import { commandFor } from '../command-options.ts';
import { alarmsTopicArn, subscribeCommand } from '../installation/alarms-topic.ts';
import { meaningOf } from '../installation/attention/attention-words.ts';
import type { Lookup, Lookups } from './lookup.ts';

type Looked = Partial<Lookups> & { readonly nowMs: number };

/** All findings about a fleet, or about a store without fleets. Pure. */
export const diagnose = (looked: Looked, scope: StoreScope | Subject): readonly Finding[] => [
  ...findingsOf(CHECKS, 'doctor', factsOf(looked, scope)),
  ...missing(looked, scope),
];

const isLookup = (one: unknown): one is Lookup<unknown> => typeof one === 'object' && one !== null && 'state' in one;

/** What is known, and what follows from it. */
export function factsOf(looked: Looked, scope: StoreScope | Subject): Partial<Facts> {
  const known = Object.fromEntries(
    Object.entries(looked).flatMap(([name, one]): [string, unknown][] => {
      if (isLookup(one)) return one.state === 'known' ? [[name, one.value]] : [];
      return [
        [name, Array.isArray(one) ? one.flatMap((each) => (!isLookup(each) ? each : each.state === 'known' ? each.value : [])) : one],
      ];
    }),
  ) as Partial<Sources> & { nowMs: number };
  const { awsOptions, region } = scope;
  // The table of records.
  const { state: records } = looked.fleetRecord ?? looked.openDecisions ?? { state: 'skipped' };
  return {
    ...known,
    ...{ scope, awsOptions, region, meaningOf },
    alarmsTopic: { arn: alarmsTopicArn(scope), subscribe: subscribeCommand(scope) },
    ...((records === 'known' || records === 'absent') && { isInstalled: records === 'known' }),
    ...('fleet' in scope && ofFleet(known, scope, looked.loadBalancer?.state !== 'skipped')),
  };
}

function ofFleet(known: Partial<Sources>, subject: Subject, hasLoadBalancer: boolean): Partial<Facts> {
  const { fleetRecord, releases, targetGroup, targets, group, registersWith, memberIds = [] } = known;
  const { fleet, members: kind } = subject;
  const settings = fillSettings(subject.settings, fleet);
  const zones = new Map(group?.members.map(({ instanceId, zone }) => [instanceId, zone]));
  const inService = group?.members.filter(({ lifecycleState }) => lifecycleState === 'InService') ?? [];
  return {
    ...{ subject, fleet, settings, hasLoadBalancer, ofAddresses: kind === 'ip' },
    command: (words) => commandFor(subject, words),
    contract: releases?.find(({ version }) => version === fleetRecord?.currentVersion)?.app,
    ...(targetGroup && { targetGroupArn: targetGroup.arn, registeredWith: group?.targetGroupArns ?? registersWith ?? [] }),
    ...(targets && {
      reached: targets.map((one) => ({ ...one, zone: zones.get(one.instanceId), unreachable: whyUnreachable(one) })),
    }),
    ...(group && { groupName: group.name }),
    members: inService.map((one) => ({ ...one, lifecycle: 'inService', version: UNKNOWN_RELEASE, health: 'unknown' })),
    atOnce: mostAtOnce(subject.settings.maxParallel, Math.max(1, memberIds.length)),
  };
}

/** What else than sources a check can state, and the sources that it follows from. */
const FOLLOWS: { readonly [Name in Exclude<keyof Facts, keyof Sources>]?: readonly (keyof Sources)[] } = {
  isInstalled: ['fleetRecord', 'openDecisions'],
  hasLoadBalancer: ['loadBalancer'],
  contract: ['releases', 'fleetRecord'],
  targetGroupArn: ['targetGroup'],
  registeredWith: ['group', 'registersWith'],
  reached: ['targets', 'group'],
  groupName: ['group'],
  members: ['group'],
  atOnce: ['memberIds'],
};

/** The sources that doctor's checks state. */
export const sourcesOf = (checks: typeof CHECKS): ReadonlySet<keyof Sources> =>
  new Set(
    checks
      .filter(({ when }) => when.includes('doctor'))
      .flatMap(({ sources }) => sources.map((source) => source.replace('?', '')))
      .flatMap((name) => FOLLOWS[name as keyof typeof FOLLOWS] ?? [name as keyof Sources]),
  );

/** A finding for each resource that does not exist or could not be read. */
function missing(looked: Looked, { local }: StoreScope): readonly Finding[] {
  const isInstalled = (looked.fleetRecord ?? looked.openDecisions)?.state === 'known';
  const found = Object.values(looked)
    .flat()
    .flatMap((one: unknown) => (isLookup(one) ? one : []))
    .flatMap((one): readonly Finding[] => {
      if (one.state === 'known' || one.state === 'skipped') return [];
      const { what, resource, named, unlessAllowed } = one.subject;
      const finding = (check: string, why: string, { severity, what, fix = '' }: Judged) => [{ check, severity, what, why, fix, resource }];
      if (one.state === 'absent') {
        const why = named ? 'the configuration names it as an existing resource' : 'Holdfast creates it; it cannot be checked before';
        const deploy = 'run "npx --no cdk deploy --all"';
        if (named)
          return finding(
            'existence',
            why,
            error(`${what} does not exist in this account and Region`, 'correct its name, account or Region'),
          );
        // Some stacks exist and others do not: the installation is incomplete.
        const incomplete = `${what} is missing, although other parts of the installation exist`;
        return finding('existence', why, isInstalled ? warning(incomplete, deploy) : notice(`${what} does not exist yet`, deploy));
      }
      const { cause, reason, fix } = one;
      if (cause === 'denied' && unlessAllowed !== undefined)
        return finding('could-not-read', unlessAllowed, notice(`did not read ${what}: ${reason}`));
      const where = local && cause === 'refused' ? '; the local cloud may not emulate it' : '';
      const why = 'a resource that could not be read may be wrong';
      return finding('could-not-read', why, unknown(`could not read ${what}: ${reason}${where}`, fix));
    });
  // Several lookups may find the same resource missing: a table with all its records.
  return found.filter(({ what }, index) => found.findIndex((other) => other.what === what) === index);
}
