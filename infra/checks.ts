/** What a synthesis finds by the configuration alone. None of it is an error: each can be meant so, or be right elsewhere. Pure. */
import { rowsAgainst } from '../advisor/judge.ts';
import { MAXIMUM_SERVERS, quoteRow, rowsThatApply, STRATEGY_NAMES } from '../advisor/situation.ts';
import { GATE_ON } from '../functions/deploy/contract/environment.ts';
import { warnOfTheLimit, worstRollSeconds } from '../functions/deploy/dry-run/forecast.ts';
import { mostAtOnce } from '../functions/deploy/rolls/in-flight.ts';
import { judgeTimes } from '../functions/deploy/sessions/judge-routes.ts';
import { withDerived } from '../functions/deploy/settings/read-settings.ts';
import type { ResolvedSettings } from '../functions/deploy/settings/settings.ts';
import { MOST_VALUES_OF_A_CONDITION } from '../functions/incidents/contract/environment.ts';
import { regionalArn, unknownRegion } from '../functions/shared/aws/partition.ts';
import { type Check, checksOf, notice, type Said, saidOf, warning } from '../functions/shared/check.ts';
import { holdfast } from '../functions/shared/command-options.ts';
import { DEFAULT_INSTALLATION, environmentParameterName } from '../functions/shared/naming.ts';
import { bundleRight, isBundleFleet, sessionManagerOf } from './config/app-kind.ts';
import { environmentArns, hasVariables } from './config/environment.ts';
import {
  createsGroup,
  createsLoadBalancer,
  createsTargetGroup,
  drainsSessions,
  type FleetConfig,
  isAdopted,
  mostServers,
} from './config/fleet.ts';
import type { HoldfastConfig } from './config/installation.ts';
import { sessionGateOf } from './config/own-session-gate.ts';
import { namedSessions, type SessionGroup, sessionGroups } from './config/session-groups.ts';

export interface SynthFacts {
  readonly config: Pick<HoldfastConfig, 'fleets' | 'store' | 'sweep' | 'region'> &
    Partial<Pick<HoldfastConfig, 'account' | 'installation'>>;
  readonly groups: readonly SessionGroup[];
  /** A fleet, with its name in the configuration. */
  readonly name: string;
  readonly fleet: FleetConfig;
}

const check = checksOf<SynthFacts>('synth');

/** What the role of existing servers lacks, where Holdfast does not know its name. */
const RIGHTS_OF_VARIABLES = check('environment-rights', ['config', 'name', 'fleet'], {
  what: "rights that existing servers need for the fleet's `environment`, where `instanceRoleName` is not set",
  judge({ config: { region, installation = DEFAULT_INSTALLATION, account = 'ACCOUNT' }, name, fleet }) {
    if (!hasVariables(fleet) || createsGroup(fleet) || fleet.existing?.instanceRoleName !== undefined) return undefined;
    const { parameters, secrets } = environmentArns(fleet.environment, environmentParameterName(installation, name), (service) =>
      regionalArn(service, { region, account }, '').slice(0, -1),
    );
    const rights = [
      `ssm:GetParameter on ${parameters.join(', ')}`,
      ...(secrets.length > 0 ? [`secretsmanager:GetSecretValue on ${secrets.join(', ')}`] : []),
    ];
    return notice(
      `The role of the servers of ${name} needs ${rights.join(', and ')}, and kms:Decrypt where their key is your own: with existing.instanceRoleName Holdfast adds it.`,
    );
  },
});

const OF_INSTALLATION: readonly Check<SynthFacts>[] = [
  check('unknown-region', ['config'], {
    what: 'a Region that could be a typing mistake: AWS adds Regions',
    judge({ config }) {
      const unknown = unknownRegion(config.region);
      return unknown === undefined ? undefined : warning(unknown);
    },
  }),
  check('servers-sign-in-without-password', ['config', 'groups'], {
    what: 'servers without a user at an existing store that asks for one; its default user can need no password',
    judge({ config: { store, fleets }, groups }) {
      const auth = store.existing?.auth ?? 'none';
      const open = groups.filter(({ application }) => application === undefined).flatMap((group) => group.fleets);
      const without = open.filter((name) => fleets[name]?.strategy === 'redis' || keepsInStore(fleets[name]));
      if (auth === 'none' || without.length === 0) return undefined;
      return warning(
        `The servers of fleet${without.length > 1 ? 's' : ''} ${without.join(', ')} sign in to the existing store without a password, and Holdfast's functions do so with auth "${auth}": unless the store's default user needs no password, the first release is never ready. Name the application's user and secret in store.existing.application or in fleets.NAME.sessions.application.`,
      );
    },
  }),
  // A created store is never in cluster mode, and whether an existing one is, is not known here.
  check('key-prefix-is-one-slot', ['config', 'groups'], {
    what: "a key prefix that puts a fleet's sessions into one slot of a store in cluster mode",
    judge({ config, groups }) {
      if (!config.store.existing) return undefined;
      const all = [
        ...groups.map(({ keyPrefix, fleets }) => ({ keyPrefix, whose: `keys of fleet ${fleets.join(', ')}` })),
        ...namedSessions(config).map(({ keyPrefix }) => ({ keyPrefix, whose: 'keys of store.sessions' })),
      ].filter(({ keyPrefix }) => /\{[^}]+\}/.test(keyPrefix));
      return all.map(({ keyPrefix, whose }) =>
        warning(
          `The ${whose} begin with ${keyPrefix}: if the existing store is in cluster mode, the text in braces puts all of them into one slot, and so on one shard, whatever the number of shards. Frameworks that rename a session (Spring Session's changeSessionId) or read several at once need that there; leave the braces out for others.`,
        ),
      );
    },
  }),
  check('fleets-share-store-user', ['config', 'groups'], {
    what: "fleets whose servers know each other's password at an existing store, or need none",
    judge({ config, groups }) {
      if (!config.store.existing) return undefined;
      const users = alike(groups, userOf).map((some) => ({ some, how: some[0]?.application ? 'as the same user' : 'without a password' }));
      // A secret for two users gives each the password of the other.
      const signedIn = groups.filter(({ application }) => application !== undefined);
      const secrets = alike(signedIn, ({ application }) => application?.secretArn)
        .filter((some) => new Set(some.map(userOf)).size > 1)
        .map((some) => ({ some, how: 'with the password of the same secret' }));
      return [...users, ...secrets].map(({ some, how }) =>
        warning(
          `${fleetsOf(some)} sign in to the existing store ${how}: a server of one fleet can read, change and delete the sessions of the others. Give each a user with its own key pattern and its own secret, and name it in fleets.NAME.sessions.application; or set the same sessions.group if they are to share sessions.`,
        ),
      );
    },
  }),
  check('fleets-share-key-prefix', ['config', 'groups'], {
    what: 'fleets whose keys in an existing store begin alike',
    judge({ config, groups }) {
      const overlapping = groups.filter((one) =>
        groups.some((other) => other !== one && (one.keyPrefix.startsWith(other.keyPrefix) || other.keyPrefix.startsWith(one.keyPrefix))),
      );
      if (!config.store.existing || overlapping.length === 0) return undefined;
      return warning(
        `The keys of ${fleetsOf(overlapping)} begin alike (${[...new Set(overlapping.map(({ keyPrefix }) => keyPrefix))].join(', ')}): no key pattern of the existing store can keep them apart. Set fleets.NAME.sessions.keyPrefix; or the same sessions.group if they are to share sessions.`,
      );
    },
  }),
  // An existing role gets the permission to read the secret of each fleet that lists it.
  check('fleets-share-instance-role', ['config', 'groups'], {
    what: "fleets of which one existing role can read each other's secret",
    judge({ config: { fleets }, groups }) {
      const withRole = groups.flatMap((group) =>
        [...new Set(group.fleets.flatMap((name) => fleets[name]?.existing?.instanceRoleName ?? []))].map((role) => ({ group, role })),
      );
      return alike(withRole, ({ role }) => role).map((some) =>
        warning(
          `${fleetsOf(some.map(({ group }) => group))} have the same existing.instanceRoleName ${some[0]?.role}: their servers can read each other's secret of the session store. Give each fleet a role of its own.`,
        ),
      );
    },
  }),
  // Synthesis reads no record: whether sweeps have run, and how, is not known here.
  check('sweep-policy-not-chosen', ['config'], {
    what: 'an existing store without sweep.policy',
    judge: ({ config: { store, sweep } }) =>
      store.existing === undefined || sweep.policy !== undefined
        ? undefined
        : warning(
            `The store is yours, and sweep.policy is absent: sweeps of a new installation report keys without a TTL and change none. One whose sweeps already give them a TTL ("expire") goes on. Read a report (${holdfast('sweep --dry-run')}), then set sweep.policy to "expire" or "report".`,
          ),
  }),
];

const OF_FLEET: readonly Check<SynthFacts>[] = [
  RIGHTS_OF_VARIABLES,
  // The rows of the matrix against the strategy that apply to the fleet's maximum size and to where its servers are.
  check('bundle-right', ['name', 'fleet'], {
    what: 'a fleet of bundles, whose publishers are root on its servers',
    judge: ({ name, fleet }) => (isBundleFleet(fleet) ? notice(bundleRight(name)) : undefined),
  }),
  check('strategy-contradicts-matrix', ['name', 'fleet'], {
    what: 'a strategy against which the matrix of strategies is',
    judge({ name, fleet }) {
      const servers = mostServers(fleet);
      // Every server but on-premises ones is in a cloud.
      const cloud = fleet.members !== 'ip' || (fleet.existing?.nodes ?? []).some(({ nodeId }) => nodeId.startsWith('i-'));
      const applying = rowsThatApply({ servers, cloud }).map(({ row }) => row);
      const rows = rowsAgainst(fleet.strategy, applying);
      if (rows.length === 0) return undefined;
      const reasons: Readonly<Record<string, string>> = {
        '5+ servers': `, and the fleet can have ${servers}`,
        'Cloud/Kubernetes': ', and its servers are EC2 instances',
      };
      const quoted = rows.map((row) => `${quoteRow(row)}${reasons[row.condition] ?? ''}`).join('; ');
      const asked = servers === undefined ? 'NUMBER' : Math.min(servers, MAXIMUM_SERVERS);
      const situation = `--servers ${asked}${cloud ? ' --cloud' : ''} --existing`;
      return warning(
        `fleets.${name}.strategy "${fleet.strategy}" contradicts the strategy matrix: ${quoted}. Run "${holdfast(`advise ${situation}`)}" for a recommendation.`,
      );
    },
  }),
  check('strategy-in-between', ['name', 'fleet'], {
    what: 'stickiness on the way from sessions in memory to the store',
    judge: ({ name, fleet }) =>
      fleet.strategy === 'redis' || !keepsInStore(fleet)
        ? undefined
        : warning(
            `${strategyOf(name, fleet)} keeps stickiness on although app.sessionManager keeps sessions in the store. That is right until each server runs a release that was published with it; then set strategy to "redis" (docs/tomcat-to-redis.md), with "stickiness": true if pages keep state in the session (docs/strategy.md).`,
          ),
  }),
  check('sessions-end-outside-deploys', ['name', 'fleet'], {
    what: 'sessions in memory, for which only deploys wait',
    judge: ({ name, fleet }) =>
      isOutside(fleet) && drainsSessions(fleet) && !copiesSessions(fleet)
        ? warning(
            `${strategyOf(name, fleet)}: a deploy waits for the sessions of each server, up to deploy.sessionDrainSeconds (${fleet.deploy.sessionDrainSeconds} s). An instance refresh, a scale-in and a termination do not: they end the sessions of the server.`,
          )
        : undefined,
  }),
  check('strategy-not-drained', ['name', 'fleet'], {
    what: 'sessions outside the store that deploys do not wait for',
    judge({ name, fleet }) {
      if (!isOutside(fleet) || drainsSessions(fleet)) return undefined;
      const lost =
        fleet.strategy === 'sticky'
          ? 'it ends the sessions of each server that it rolls'
          : `it ends those that no other server has a copy of${createsGroup(fleet) ? ', and the security group of the servers accepts the load balancer alone: they cannot copy sessions until you add a rule' : ''}`;
      const own = createsTargetGroup(fleet) ? '' : '; Holdfast does not change the existing target group: enable stickiness there';
      return warning(
        `${strategyOf(name, fleet)}: a deploy waits for requests in flight, but with deploy.sessionDrainSeconds 0 not for sessions: ${lost}${own}. Each deploy still checks the session store.`,
      );
    },
  }),
  check('no-server-can-be-rolled', ['name', 'fleet'], {
    what: 'a fleet that is too small for deploy.minimumHealthyTargets',
    judge({ name, fleet }) {
      const { minimumHealthyTargets: least } = fleet.deploy;
      const stays = `deploy.minimumHealthyTargets ${least} must stay healthy besides the server that is rolled`;
      if (createsGroup(fleet))
        return fleet.minCapacity > least
          ? undefined
          : warning(
              `fleets.${name}.minCapacity is ${fleet.minCapacity}, and ${stays}: with ${fleet.minCapacity} servers every deploy but the first is refused. Set minCapacity to ${least + 1} or more, or minimumHealthyTargets to ${fleet.minCapacity - 1} or less.`,
            );
      const listed = mostServers(fleet);
      if (listed === undefined || listed > least) return undefined;
      const key = fleet.members === 'ip' ? 'nodes' : 'instanceIds';
      return warning(
        `fleets.${name}.existing.${key} has ${listed} server${listed === 1 ? '' : 's'}, and ${stays}: every deploy is refused. Set minimumHealthyTargets to ${listed - 1} or less.`,
      );
    },
  }),
  // By the most servers that the fleet can have, the most at once that its limit allows, and the whole wait of `--pause-after`.
  check('deploy-can-outlast-its-limit', ['name', 'fleet'], {
    what: 'a fleet whose deploy can be longer than an execution of Step Functions',
    judge({ name, fleet }) {
      const servers = mostServers(fleet) ?? 0;
      const settings = withDerived(fleet.deploy);
      // Deploys that wait for sessions do not stop after their first servers, and refuse to start if they would take too long.
      const drains = drainsSessions(fleet);
      const sentence = drains ? whyRefused(servers, settings) : warnOfTheLimit(worstSeconds(fleet, servers, settings));
      const pause = drains ? '' : `, and --pause-after waits for up to ${settings.pauseMinutes} minutes`;
      return sentence === undefined ? undefined : warning(`fleets.${name} can have ${servers} servers${pause}. ${sentence}`);
    },
  }),
  check('canary-needs-public-site', ['name', 'fleet'], {
    what: 'a scheduled canary behind a load balancer that could be internal',
    judge: ({ name, fleet }) =>
      fleet.canary === undefined || createsLoadBalancer(fleet)
        ? undefined
        : warning(
            `fleets.${name}.canary: its function is outside the VPC, and Holdfast cannot see whether your load balancer is internal. An internal one cannot be examined on a schedule: remove canary, and run "${holdfast('canary')}" from inside the network.`,
          ),
  }),
  // Users report that AWS accepts up to five, the maximum of a rule.
  check('listener-condition-has-many-values', ['name', 'fleet'], {
    what: 'a condition of the listener rule with more values than AWS documents',
    judge({ name, fleet: { existing = {} } }) {
      const { hosts = [], paths = [] } = existing.listenerRule ?? {};
      const many = Object.entries({ hosts, paths }).filter(([, values]) => values.length > MOST_VALUES_OF_A_CONDITION);
      return many.map(([key, values]) =>
        warning(
          `fleets.${name}.existing.listenerRule.${key} has ${values.length} values, and AWS documents ${MOST_VALUES_OF_A_CONDITION} for a condition of a listener rule: if AWS refuses more, "cdk deploy" fails at this rule and rolls its stack back. Merge them with wildcards (*.example.com, /shop/*), or create the target group and its rules yourself and name it in existing.targetGroupArn.`,
        ),
      );
    },
  }),
  // Existing servers reach a created store by a rule of its security group, whose source is theirs. The rule can be the user's own.
  check('store-unreachable-by-servers', ['config', 'name', 'fleet'], {
    what: 'existing servers that a created store does not let in',
    judge({ config, name, fleet: { strategy, members, existing } }) {
      const hasServers = existing?.autoScalingGroupName !== undefined || existing?.instanceIds !== undefined;
      if (config.store.existing || strategy !== 'redis' || members === 'ip' || !hasServers) return undefined;
      if (existing.instanceSecurityGroupId !== undefined) return undefined;
      return warning(
        `fleets.${name}.existing.instanceSecurityGroupId is absent: the created store's security group lets in existing servers by theirs. Set it, or add the rule yourself, or the first release is never ready.`,
      );
    },
  }),
  // Earlier versions went on: an upgrade changes what deploys do, and synthesis does not know whether it is one.
  check('stops-for-people', ['name', 'fleet'], {
    what: 'whether deploys stop for users who are turned away',
    judge: ({ name, fleet: { deploy } }) =>
      deploy.onPeople === undefined
        ? notice(
            `Deploys of fleet ${name} stop and roll back when users are turned away or their pages break (docs/what-stops-a-release.md). Set fleets.${name}.deploy.onPeople to "stop", or to "report" if they should only warn.`,
          )
        : undefined,
  }),
  check('session-gate', ['name', 'fleet'], {
    what: 'what the fleet of a canary needs for a session gate in its deploys',
    judge({ name, fleet }) {
      const lacks = sessionGateOf(fleet);
      return lacks === undefined || lacks === GATE_ON
        ? undefined
        : notice(`Deploys of fleet ${name} have no session gate (docs/gate.md): ${lacks}.`);
    },
  }),
];

export const SYNTH_CHECKS: readonly Check<SynthFacts>[] = [...OF_INSTALLATION, ...OF_FLEET];

export function checkConfiguration(config: SynthFacts['config']): readonly (Said & { readonly fleet?: string })[] {
  const shared = { config, groups: sessionGroups(config) };
  return [
    ...saidOf(OF_INSTALLATION, 'synth', shared),
    ...Object.entries(config.fleets).flatMap(([name, fleet]) =>
      saidOf(OF_FLEET, 'synth', { ...shared, name, fleet }).map((one) => ({ ...one, fleet: name })),
    ),
  ];
}

const strategyOf = (name: string, { strategy }: FleetConfig): string =>
  `fleets.${name}.strategy "${strategy}" (${STRATEGY_NAMES[strategy]})`;

const keepsInStore = (fleet: FleetConfig | undefined): boolean => fleet !== undefined && sessionManagerOf(fleet) === 'redisson';

const isOutside = (fleet: FleetConfig): boolean => fleet.strategy !== 'redis' && !keepsInStore(fleet);

const copiesSessions = (fleet: FleetConfig): boolean => sessionManagerOf(fleet) === 'cluster';

/** The user is `default` if the application names none, and undefined if the group has no password: these two never match. */
const userOf = ({ application }: SessionGroup): string | undefined => application && (application.userName ?? 'default');

function alike<T>(all: readonly T[], key: (one: T) => string | undefined): T[][] {
  return [...Map.groupBy(all, key).values()].filter((some) => some.length > 1);
}

const fleetsOf = (groups: readonly SessionGroup[]): string => `Fleets ${groups.flatMap(({ fleets }) => fleets).join(', ')}`;

function worstSeconds(fleet: FleetConfig, servers: number, settings: ResolvedSettings): number {
  const rolls = Math.ceil(servers / mostAtOnce(settings.maxParallel, servers));
  const rollSeconds = worstRollSeconds({ version: isAdopted(fleet) ? 'unknown' : '', waitsForSessions: false }, settings);
  return rolls * rollSeconds + settings.pauseMinutes * 60 + settings.settleSeconds;
}

/** Applies the same rule as the deploy itself, which refuses to wait too long for sessions. */
function whyRefused(servers: number, settings: ResolvedSettings): string | undefined {
  const all = Array.from({ length: servers }, (_, index) => ({ instanceId: `server ${index + 1}`, counts: true }));
  const [problem] = judgeTimes(all, settings).problems;
  return problem === undefined ? undefined : `With all of them a deploy would be refused: ${problem}, or keep sessions in the store.`;
}
