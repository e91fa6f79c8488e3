/** What a deploy finds out about its fleet before it touches anything: what refuses it, and what it warns of. Pure. */

import { blindDrainSeconds } from '../../instance/drain-times.ts';
import { compareAgentVersion } from '../../instance/slice-parameters.ts';
import type { AppContract } from '../../shared/app-contract.ts';
import { isSticky } from '../../shared/aws/attributes-reader.ts';
import { isMultiplexed } from '../../shared/aws/target-group.ts';
import { type Check, checksOf, error, notice, ok, refusal, refusalsOf, warning } from '../../shared/check.ts';
import { describeForeignHook, foreignHooks, removeForeignHook } from '../../shared/foreign-hooks.ts';
import { counted, durationText } from '../../shared/texts.ts';
import { NO_RELEASE, UNKNOWN_RELEASE } from '../../shared/version.ts';
import type { Preflight } from '../contract/assess-steps.ts';
import { AgentOffline, AgentTooOld, EnvironmentUnreadable, InvalidInput, TooFewHealthyTargets } from '../errors.ts';
import { mostAtOnce } from '../rolls/in-flight.ts';
import { checkEnoughHealthy } from './choose-next-target.ts';
import { ADDRESS_DELAY, FRONT_CHECKS, REACHABLE_TARGETS } from './front-checks.ts';
import { warnOfHistory, whyNoRoom } from './judge-history.ts';
import type { PreflightFacts } from './preflight-facts.ts';

const check = checksOf<PreflightFacts>('preflight', 'dry-run');

/** Whether the application itself counts its requests, so that a drain sees them. */
export const offersCounts = (app: Pick<AppContract, 'inFlight' | 'requests'> | undefined): boolean =>
  app?.inFlight !== undefined && app.requests !== undefined;

export const STOPPED = check('stopped', ['stopped', 'restarts'], {
  what: 'servers that were stopped or terminated while the health checks of their group do not notice it',
  why: 'Auto Scaling, which is suspended meanwhile, replaces it once the deploy has ended',
  judge: ({ stopped, restarts }) =>
    restarts ? [] : stopped.map((instanceId) => warning(`${instanceId} does not run any more, and the deploy goes on without it`)),
});

/** In the order in which a deploy states the first fault, and then in that of its warnings. A dry run states all faults. */
export const PREFLIGHT_CHECKS: readonly Check<PreflightFacts>[] = [
  REACHABLE_TARGETS,
  check('healthy-targets', ['members', 'toRoll', 'recover', 'settings'], {
    what: 'whether enough targets stay healthy while one is out of service',
    judge({ members, toRoll, recover, settings }) {
      // Checking the first is enough: unhealthy ones go first, and others begin only while the minimum is healthy.
      const first = toRoll[0];
      if (!first || recover) return undefined;
      try {
        checkEnoughHealthy(members, first, settings.minimumHealthyTargets);
        return undefined;
      } catch (error) {
        if (error instanceof TooFewHealthyTargets) return refusal(error);
        throw error;
      }
    },
  }),
  ADDRESS_DELAY,
  check('environment', ['toRoll', 'contracts', 'version', 'recover', 'variables?', 'asked?'], {
    what: "whether the fleet's `environment` has what the release requires, and each server can read it",
    fix: "correct the fleet's environment, or let the servers' role read it (docs/app-environment.md)",
    judge({ variables, toRoll, contracts, version, recover, asked }) {
      const ids = asked ?? toRoll.map(({ instanceId }) => instanceId);
      const known = [...(variables?.values() ?? [])].find(({ unread, variables: names }) => names.length > 0 || unread.length === 0);
      const missing = (contracts.get(version)?.requires ?? []).filter((name) => !known?.variables.includes(name));
      const silent = variables ? ids.filter((instanceId) => !variables.has(instanceId)) : [];
      const unread = [...new Set(ids.flatMap((instanceId) => variables?.get(instanceId)?.unread ?? []))];
      const where = (sentence: string) => ids.filter((instanceId) => variables?.get(instanceId)?.unread.includes(sentence)).join(', ');
      const lacks = `release ${version} requires ${missing.join(', ')}, which the fleet's environment does not have`;
      return [
        ...(missing.length > 0 && (known || !variables)
          ? [error(lacks, undefined, { refuses: recover ? undefined : EnvironmentUnreadable })]
          : []),
        ...unread.map((sentence) => error(`${where(sentence)}: ${sentence}`, undefined, { refuses: EnvironmentUnreadable })),
        ...(silent.length > 0
          ? [warning(`${silent.join(', ')} did not answer in time whether the fleet's variables can be read`, '')]
          : []),
      ];
    },
  }),
  // A limit that the minimum forbids is a mistake: the deploy would take longer than its settings promise.
  check('several-at-once', ['members', 'toRoll', 'recover', 'settings'], {
    what: 'whether deploy.maxParallel leaves minimumHealthyTargets in service',
    judge({ members, toRoll, recover, settings: { maxParallel, minimumHealthyTargets } }) {
      if (toRoll.length === 0 || recover) return undefined;
      const inService = members.filter(({ lifecycle }) => lifecycle === 'inService');
      const limit = mostAtOnce(maxParallel, inService.length);
      const possible = inService.length - minimumHealthyTargets;
      // Placeholders serve nobody, and the minimum does not apply to them.
      if (limit === 1 || limit <= possible || inService.every(({ version }) => version === NO_RELEASE)) return undefined;
      return error(
        `deploy.maxParallel ${maxParallel} lets ${limit} of ${inService.length} servers be out of service at once, and minimumHealthyTargets ${minimumHealthyTargets} allows ${Math.max(possible, 0)}; lower maxParallel, set it to a percentage, or add servers`,
        '',
        { refuses: InvalidInput },
      );
    },
  }),
  check('history', ['members', 'toRoll', 'pauseAfter', 'attributes', 'ofAddresses', 'settings', 'lastRollSeconds'], {
    what: "whether the history of a deploy's execution has room for its servers",
    why: 'Step Functions ends a deploy at 25,000 events, wherever it is; its clean-up then rolls it back',
    judge({ lastRollSeconds, ...facts }) {
      const refused = whyNoRoom(facts);
      if (refused !== undefined) return refusal(new InvalidInput(refused));
      const long = warnOfHistory(facts, lastRollSeconds);
      return long && warning(long.what, long.fix);
    },
  }),
  // A stop after the last target would be none: the deploy would end without asking anybody.
  check('pause', ['toRoll', 'pauseAfter'], {
    what: 'whether --pause-after leaves a next server',
    judge({ toRoll, pauseAfter }) {
      if (pauseAfter === undefined || pauseAfter < toRoll.length) return undefined;
      const servers = toRoll.length === 1 ? '1 server gets' : `${toRoll.length} servers get`;
      const advice = toRoll.length > 1 ? `give --pause-after a number from 1 to ${toRoll.length - 1}` : 'deploy without --pause-after';
      const what = `--pause-after ${pauseAfter} leaves no next server: ${servers} the release; ${advice}`;
      return error(what, '', { refuses: InvalidInput });
    },
  }),
  check('agent', ['agents', 'memberIds', 'settings'], {
    when: ['preflight', 'dry-run', 'doctor'],
    what: 'the Systems Manager agents: online, and new enough to pass parameters as environment variables',
    why: 'a deploy uses Run Command on the servers; it stops before it changes anything if an agent cannot receive commands',
    judge({ agents, memberIds, settings: { minimumAgentVersion } }) {
      const wrong = memberIds.flatMap((resource) => {
        const agent = agents.find(({ instanceId }) => instanceId === resource);
        if (!agent?.online) {
          const what = `the Systems Manager agent on ${resource} ${agent ? 'is not online' : 'has never reported'}`;
          const fix = agent
            ? 'check that the instance is running and reaches Systems Manager, and restart the agent'
            : 'check the instance profile, the agent (systemctl status amazon-ssm-agent) and the network path to Systems Manager';
          return [error(what, fix, { resource, refuses: new AgentOffline(what) })];
        }
        if (compareAgentVersion(agent.version, minimumAgentVersion) >= 0) return [];
        const what = `the Systems Manager agent on ${resource} is version ${agent.version}; passing parameters as environment variables requires ${minimumAgentVersion}`;
        return [error(what, 'update it with the document AWS-UpdateSSMAgent', { resource, refuses: new AgentTooOld(what) })];
      });
      if (wrong.length > 0) return wrong;
      const versions = [...new Set(agents.map(({ version }) => version))].join(', ');
      return ok(`${agents.length} agents are online (${versions}; ${minimumAgentVersion} is required)`, '', {
        resource: memberIds.join(', '),
      });
    },
  }),
  check('alarms', ['alarmStates', 'settings'], {
    what: 'whether the alarms of deploy.alarmNames exist',
    judge({ alarmStates, settings }) {
      const missing = settings.alarmNames.filter((name) => alarmStates[name] === undefined);
      if (missing.length === 0) return undefined;
      return refusal(new InvalidInput(`alarmNames of the deploy settings names alarms that do not exist: ${missing.join(', ')}`));
    },
  }),
  // Whether the kernel shows a server's connections only the drain itself finds out.
  check('blind-drains', ['toRoll', 'contracts', 'protocolVersion', 'settings'], {
    what: 'drains that will not see when their requests have ended',
    judge({ toRoll, contracts, protocolVersion, settings }) {
      const { drainSignal, deregistrationDelaySeconds } = settings;
      const drained = toRoll.map(({ version }) => version).filter((version) => version !== NO_RELEASE);
      const blind = drainSignal === 'blind' ? drained : drained.filter((version) => !offersCounts(contracts.get(version)));
      const needsCounts = drainSignal === 'counts' || isMultiplexed(protocolVersion);
      if (blind.length === 0 || (drainSignal !== 'blind' && !needsCounts)) return undefined;
      const [first = ''] = blind;
      const noCounts = `${first === UNKNOWN_RELEASE ? 'a server without a release on record' : `release ${first}`} has no inFlight and requests probes`;
      const [why, advice] =
        drainSignal === 'blind'
          ? ['drainSignal is "blind"', 'leave drainSignal out, and a drain ends when its requests have ended']
          : isMultiplexed(protocolVersion)
            ? [
                `the target group has protocol version ${protocolVersion}, of which only the application can count requests, and ${noCounts}`,
                'add these probes to holdfast.app.json',
              ]
            : [`drainSignal is "counts", and ${noCounts}`, 'add these probes to holdfast.app.json, or leave drainSignal out'];
      const each = blindDrainSeconds(settings);
      const servers = counted(blind.length, 'server');
      const what = `the drain of ${servers} will be blind, and take ${each} s per server (${durationText(each * blind.length * 1000)} in all)`;
      return warning(what, advice, { why: `${why}. Requests that take longer than ${deregistrationDelaySeconds} s are cut` });
    },
  }),
  check('adoption', ['version', 'contracts', 'toRoll'], {
    what: 'servers whose first bundle replaces what is none, or whose first release follows a bundle',
    why: 'a rollback brings back releases of one kind alone',
    fix: 'publish what runs on them first, by "releases publish" with --adopt',
    judge({ version, contracts, toRoll }) {
      const of = (judged: (member: (typeof toRoll)[number]) => boolean) =>
        toRoll
          .filter(judged)
          .map(({ instanceId }) => instanceId)
          .join(', ');
      const bundle = contracts.get(version)?.bundle;
      const other = of(
        (member) => contracts.has(member.version) && (contracts.get(member.version)?.bundle === undefined) !== (bundle === undefined),
      );
      const unknown = bundle ? of((member) => member.version === UNKNOWN_RELEASE) : '';
      return [
        ...(other && contracts.has(version)
          ? [
              error(
                `release ${version} is ${bundle ? 'a' : 'no'} CodeDeploy bundle, unlike the release on ${other}`,
                'return them to their own service first (docs/uninstall.md)',
                { refuses: InvalidInput },
              ),
            ]
          : []),
        ...(unknown ? [warning(`what runs on ${unknown} is no release: it cannot come back if the deploy fails`)] : []),
      ];
    },
  }),
  // Its contract shows by counting them that a release keeps sessions in its server's memory.
  check('lost-sessions', ['version', 'contracts', 'attributes'], {
    what: 'a release with sessions in memory behind a target group that sends each request to any server',
    why: 'users are logged out as soon as another server receives their request',
    fix: 'keep sessions in the store and remove "sessions" from holdfast.app.json, or set stickiness.enabled=true of the target group until then',
    judge({ version, contracts, attributes }) {
      if (version === NO_RELEASE || contracts.get(version)?.sessions === undefined || isSticky(attributes)) return undefined;
      return warning(`release ${version} keeps sessions in memory ("sessions" in its contract), and stickiness of the target group is off`);
    },
  }),
  ...FRONT_CHECKS.filter((one) => one !== ADDRESS_DELAY),
  check('red-alarms', ['alarmStates', 'restarts'], {
    what: 'watched alarms that are in ALARM before the deploy',
    why: 'an alarm must not block the deploy that fixes it',
    judge({ alarmStates, restarts }) {
      const red = Object.keys(alarmStates).filter((name) => alarmStates[name] === 'ALARM');
      if (red.length === 0 || restarts) return undefined;
      return warning(`in ALARM before the deploy, and so no reason to stop it: ${red.toSorted().join(', ')}`, '', { why: '' });
    },
  }),
  STOPPED,
  check('foreign-hooks', ['groupName', 'hooks', 'awsOptions?'], {
    when: ['preflight', 'dry-run', 'doctor'],
    what: 'lifecycle hooks of other tools in the Auto Scaling group',
    why: 'a server serves, or ends, only once every lifecycle hook of its group is completed',
    judge({ groupName, hooks, awsOptions = '' }) {
      const of = (kind: 'launch' | 'terminate', found: typeof warning) =>
        foreignHooks(hooks, kind).map((hook) => found(describeForeignHook(hook), removeForeignHook(groupName, hook, awsOptions)));
      const found = [...of('launch', warning), ...of('terminate', notice)];
      return found.length > 0 ? found : ok('the group has no lifecycle hooks of other tools');
    },
  }),
];

/**
 * Finds what would stop the deploy half-way, before it touches anything.
 * @throws TooFewHealthyTargets, AgentOffline, AgentTooOld, InvalidInput for a target that the load balancer cannot reach, or would not take back
 * in time, an alarm that does not exist, a limit that is never reached and a stop after the last target
 */
export function checkPreflight(facts: Partial<PreflightFacts> & Pick<PreflightFacts, 'members' | 'alarmStates'>): Preflight {
  const [first] = refusalsOf(PREFLIGHT_CHECKS, 'preflight', facts);
  if (first) throw first.error;
  const { members, alarmStates } = facts;
  return {
    healthyTargets: members.filter(({ health }) => health === 'healthy').length,
    alreadyInAlarm: Object.keys(alarmStates).filter((name) => alarmStates[name] === 'ALARM'),
  };
}
