/** What to do now, the most urgent first. Pure. */

import { capital } from '../../shared/capital.ts';
import { holdfast } from '../../shared/command-options.ts';
import { clockText } from '../../shared/times.ts';
import { madeBy } from '../classify/facts/new-sessions.ts';
import { primaryStartedAnew, storeAnswers, strainOf } from '../classify/facts/store-nodes.ts';
import { overdueMinutes } from '../classify/facts/store-reach.ts';
import { explainsErrors } from '../classify/share.ts';
import { rowOf } from '../classify/table.ts';
import type { Cause } from '../contract/causes.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import type { IncidentRecord, MitigationRecord } from '../contract/incident.ts';
import { DESCRIPTORS, type MitigationKey, TEMPORARY } from '../contract/mitigations.ts';
import { CHANNELS_OF_STORE, type ChannelName, isChronic, isTroubled } from '../trouble/channels.ts';
import { failoverAt } from '../trouble/failovers.ts';
import { shortLives } from '../trouble/lives.ts';
import { timeOfLines } from '../trouble/places.ts';
import { isStoreTroubleOver } from '../trouble/store-away.ts';
import { fallsOf, rhythmOf } from '../trouble/store-falls.ts';
import { hurtingChannels, type Trouble, troubleOf } from '../trouble/trouble.ts';
import { CALLS_FIRST, CAUSE_STEPS } from './cause-steps.ts';
import { CHANNEL_STEPS, followCookie } from './channel-steps.ts';
import { aws, doctorCommand, namesCommand, optionsFor, withNames } from './commands.ts';
import type { Place, Step } from './incident-page.ts';
import { mitigationsOf } from './mitigations-of.ts';
import { plain } from './plain.ts';
import { keepServers, readStore, restartStale, type StepContext, step, undoChanges, whatPassed } from './step-context.ts';
import {
  cutOffOf,
  engineOf,
  goneBy,
  isCookieMissed,
  isScaleIn,
  lostReplica,
  mostWorks,
  noConnections,
  resourceNames,
} from './step-facts.ts';
import { pastOf, refusedServers, staleOf } from './store-past.ts';
import { suspectsOf } from './suspects.ts';
import { isAskedByPerson, peopleOf, urgencyOf } from './urgency.ts';
import { elseSteps } from './what-else.ts';

/** A dry run is closed as soon as it is written: for that long its steps are worth taking. */
const DRY_RUN_LASTS_MS = 3_600_000;

export function nextSteps(incident: IncidentRecord, evidence: Evidence | undefined, place: Place, nowMs: number): Step[] {
  const fleet = incident.fleet ?? place.fleets[0] ?? '';
  const options = optionsFor(place, fleet);
  const { incidentId, mitigations, finding, runbook, closedAtMs, dryRun, explainedBy } = incident;
  const context = contextOf(incident, evidence, place, fleet);
  const all = mitigationsOf({ mitigations });
  const inState = (state: MitigationRecord['state']) => all.filter(([, record]) => record.state === state);
  const isCurrent = closedAtMs === undefined || (dryRun === true && nowMs - closedAtMs < DRY_RUN_LASTS_MS);
  // What bridges an outage is of no use once that is over.
  const isBridged = ({ name }: MitigationRecord) => TEMPORARY.includes(name) && context.isOver && context.storeAnswers;
  const named = isCurrent ? inState('observed').filter(([, record]) => !isBridged(record)) : [];
  const works = mostWorks(evidence);
  const incidentOptions = incident.fleet === undefined ? withoutFleet(options) : options;
  const asking = (what: 'do' | 'end', [key, { target }]: Named) =>
    commandTo(what, incidentId, key, optionsFor(place, target.fleet ?? fleet));
  const toDo = dryRun ? [] : named.map((one) => ({ name: one[1].name, step: step(orderOf(one, works), asking('do', one)) }));
  const cause = finding?.verdict === 'cause' ? finding.cause : undefined;
  const isUnknown = finding?.verdict === 'unknown' || (finding === undefined && closedAtMs === undefined);
  const callsFirst = cause === undefined || CALLS_FIRST.includes(cause);
  const ofErrors = cause ? ofOtherErrors(cause, evidence, options, context) : [];
  const ofCause = cause ? [...ofErrors, ...CAUSE_STEPS[cause](options, context)] : [];
  const ofElse = ofErrors.length > 0 ? [] : elseSteps(finding, evidence, options, context);
  const asked = cause === 'stickiness-off' ? undoChanges(context, 'stickiness') : ofCause.slice(0, beforeCalls(cause, context));
  // A page takes from users what works: where most does, what shows the reason comes first.
  const isFirst = ({ name }: (typeof toDo)[number]) => callsFirst && !DESCRIPTORS[name].isStep && !(works && name === 're-login-page');
  const first = toDo.filter(isFirst);
  const isOut = cause !== undefined && OUTAGES.includes(cause) && isCurrent && !(context.isOver && context.storeAnswers);
  const keep = isOut ? keepServers(context) : { begin: [], end: [] };
  // Auto Scaling ends a server whose gate is down while somebody reads on.
  const keepsFirst = context.replaces === 'now' || (callsFirst && !works);
  const canEnd = isCurrent ? inState('done').filter(([, { name }]) => DESCRIPTORS[name].undoable) : [];
  const steps = [
    ...(explainedBy === undefined || closedAtMs !== undefined
      ? []
      : [
          step(
            `The session store has failed, and that explains this incident: incident ${explainedBy} says what to do about it, and this one decides nothing. Read it first.`,
            holdfast(`incidents show ${explainedBy} ${options}`),
          ),
        ]),
    ...inState('leftBehind').map(([name, { detail = 'see the report' }]) =>
      step(
        `Restore by hand what ${name} left behind: ${plain(detail).replace(/[.:]$/, '')}. Its calls are here.`,
        holdfast(`incidents show ${incidentId} --all ${options}`),
      ),
    ),
    ...(dryRun && named.length > 0
      ? [step('To have any of it carried out, run the runbook without --dry-run.', run(runbook, incidentOptions))]
      : []),
    ...asked,
    ...(keepsFirst ? keep.begin : []),
    ...first.map((one) => one.step),
    ...withElse(
      ofCause.filter(({ text }) => !asked.some((one) => one.text === text)),
      ofElse,
      asked.length + first.length + (keepsFirst ? keep.begin.length : 0) > 0,
    ),
    ...(finding?.verdict === 'nothing' ? nothingSteps(options, context, isAskedByPerson(incident)) : []),
    ...(isUnknown ? unknownSteps({ evidence, runbook }, options, context) : []),
    ...(keepsFirst ? [] : keep.begin),
    ...keep.end,
    ...toDo.filter((one) => !isFirst(one)).map((one) => one.step),
    ...canEnd.map((one) => step(`To undo ${one[0]} before Holdfast does, if ever.`, asking('end', one))),
    ...(isUnknown
      ? [step('Run the runbook again when more is known. It changes nothing.', run(`${runbook} --dry-run`, incidentOptions))]
      : []),
  ];
  return place.fleets.length > 0 ? steps : steps.flatMap(withoutFleets);
}

/** What else hurts users comes after the first step of all. */
const withElse = (ofCause: readonly Step[], others: readonly Step[], hasFirst: boolean): readonly Step[] =>
  hasFirst ? [...others, ...ofCause] : [...ofCause.slice(0, 1), ...others, ...ofCause.slice(1)];

/** Servers whose health check asks the store are unhealthy in them. */
const OUTAGES: readonly Cause[] = [
  'store-down',
  'store-not-redundant',
  'store-failing-over',
  'store-read-only',
  'store-rejects-logins',
  'store-connection-failures',
  'server-partitioned',
];

const commandTo = (what: 'do' | 'end', incidentId: string, key: MitigationKey, options: string): string =>
  holdfast(`incidents ${what} ${incidentId} ${key} ${options}`);

type Named = readonly [MitigationKey, MitigationRecord];

function orderOf([key, { name }]: Named, mostWorks: boolean): string {
  const { order } = DESCRIPTORS[name];
  const hides = 'which would also hide the larger part of what users ask for, which works';
  return `${capital(mostWorks ? order.replace('also in place of what works for them now', hides) : order)} (${key}). Holdfast reads its pre-conditions again first.`;
}

/** Commands about a fleet. */
const OF_FLEET = new RegExp(`^${holdfast('')} (deploys?|restart|rollback|releases|refresh) | --from-fleet `);

/** The step where no fleet is: none that has only commands about one, and commands without the options that would name it. */
function withoutFleets({ commands, ...rest }: Step): Step[] {
  const left = commands.filter((command) => !OF_FLEET.test(`${command} `)).map((command) => command.trimEnd());
  return commands.length > 0 && left.length === 0 ? [] : [{ ...rest, commands: left }];
}

/** `now`: every gate that was asked, of more than one server, was not UP, and Auto Scaling goes by the health check that asks the same. */
function replacesServers(evidence: Evidence | undefined): StepContext['replaces'] {
  const isAsked = factsOf(evidence, 'balancer')?.healthCheckAsksStore === true;
  if (!isAsked || factsOf(evidence, 'scaling')?.usesElbHealthChecks === false) return undefined;
  const gates = (factsOf(evidence, 'servers')?.servers ?? []).flatMap(({ gate }) => (gate === undefined ? [] : [gate]));
  return gates.length > 1 && gates.every((isUp) => !isUp) ? 'now' : 'soon';
}

const run = (runbook: string, options: string): string => holdfast(`incidents run ${runbook} ${options}`);
/** An incident of the store concerns every fleet. */
const withoutFleet = (options: string): string => options.replace(/^--fleet \S+ ?/, '');

function contextOf(incident: IncidentRecord, evidence: Evidence | undefined, place: Place, fleet: string): StepContext {
  const sinceMs = incident.finding?.verdict === 'cause' ? incident.finding.sinceMs : undefined;
  const collected = evidence?.sources.deploys;
  const deploys = collected && !('gap' in collected) ? collected.facts.deploys : [];
  const running = deploys.find(({ status }) => status === 'RUNNING');
  const last = deploys.find(
    ({ status, restart, from, to }) => status === 'SUCCEEDED' && restart === undefined && from !== 'none' && from !== to,
  );
  // An incident of the store concerns every fleet: the deploy can be another one's.
  const optionsOf = (deploy: { readonly fleet?: string | undefined }) => optionsFor(place, deploy.fleet ?? fleet);
  return {
    suspects: suspectsOf(evidence, sinceMs, (words) => aws(words, place)),
    aws: (words) => {
      if (aws(words, place) === undefined) return [];
      const filled = withNames(words, resourceNames(evidence));
      return [(filled && aws(filled, place)) ?? namesCommand(place, fleet)];
    },
    engine: engineOf(evidence),
    shortLives: evidence && shortLives(evidence),
    local: place.local,
    doctor: doctorCommand(place, fleet),
    areDeploysRead: factsOf(evidence, 'deploys') !== undefined,
    isOver: peopleOf(urgencyOf(incident, evidence)) === 'before',
    goneBy: evidence && goneBy(evidence),
    isCookieMissed: evidence !== undefined && isCookieMissed(evidence),
    isScaleIn: isScaleIn(evidence),
    runningDeploy: running && {
      ...{ deployId: running.deployId, servers: serversOf(running), options: optionsOf(running) },
      ...(areAllDone(running.phases) && { areAllDone: true }),
    },
    refusedServers: evidence !== undefined && isStoreTroubleOver(evidence) ? [] : refusedServers(evidence),
    storeAnswers: evidence !== undefined && storeAnswers(evidence).truth === true,
    overdueMinutes: evidence && overdueMinutes(evidence),
    server: incident.finding?.verdict === 'cause' ? incident.finding.about?.instanceId : undefined,
    replaces: replacesServers(evidence),
    cutOff: cutOffOf(evidence),
    madeBy: evidence === undefined ? 'machines' : madeBy(evidence),
    startedAnew: evidence && primaryStartedAnew(evidence)?.name,
    noConnections: noConnections(evidence),
    lostReplica: lostReplica(evidence),
    emptied: evidence && rhythmOf(fallsOf(evidence)),
    isWithoutFailover: evidence !== undefined && factsOf(evidence, 'storeGroup') !== undefined && failoverAt(evidence) === undefined,
    past: pastOf(evidence),
    stale: staleOf(evidence),
    isBusy: evidence !== undefined && strainOf(evidence, factsOf(evidence, 'store')?.nodes ?? [])?.hides === false,
    lastDeploy: last && {
      ...{ deployId: last.deployId, servers: serversOf(last), from: last.from, to: last.to },
      ...{ startedAtMs: last.startedAtMs, endedAtMs: last.finishedAtMs ?? last.startedAtMs, options: optionsOf(last) },
    },
  };
}

const areAllDone = (phases: Readonly<Record<string, string>> = {}): boolean =>
  Object.keys(phases).length > 0 && Object.values(phases).every((phase) => phase === 'done');

/** `i-0a1 done, i-0b2 draining` */
const serversOf = ({ phases = {} }: { readonly phases?: Readonly<Record<string, string>> }): string =>
  plain(
    Object.entries(phases)
      .map(([instanceId, phase]) => `${instanceId} ${phase}`)
      .join(', '),
  );

/** Errors that hurt most and are of something else than the cause: they are what to end first. */
function ofOtherErrors(cause: Cause, evidence: Evidence | undefined, options: string, context: StepContext): readonly Step[] {
  const row = rowOf(cause);
  if (row?.runbook !== 'logged-out' || evidence === undefined || explainsErrors(row, evidence) !== false) return [];
  const [worst] = hurtingChannels(troubleOf(evidence));
  const [first, ...others] = worst === undefined ? [] : CHANNEL_STEPS[worst.name](options, context);
  return first === undefined
    ? []
    : [{ ...first, text: `Most users get errors, which have another reason than this cause. ${first.text}` }, ...others];
}

/** What fills a store is seen and counted before it is made larger, and servers that write to an old primary begin anew before a page hides all. */
function beforeCalls(cause: Cause | undefined, { refusedServers, storeAnswers }: StepContext): number {
  if (cause === 'store-full') return 2;
  return cause === 'store-connection-failures' && storeAnswers ? refusedServers.length : 0;
}

const nothingSteps = (options: string, { doctor }: StepContext, isAsked: boolean): Step[] =>
  isAsked
    ? [
        followCookie(options),
        step(
          'If it is well, ask who reported it: which page, what it showed, since when. Then compare the load balancer, the servers and the store with the configuration.',
          doctor,
        ),
      ]
    : [
        step(
          'Nothing, unless users report trouble. Then compare the load balancer, the servers and the store with the configuration.',
          doctor,
        ),
      ];

/** The steps of what hurts most come first, then those of the next channel. */
const MOST_CHANNELS = 2;

/** A change is the likeliest cause of all, and a person sees at once whether the trouble is of the same minute. */
function unknownSteps({ evidence, runbook }: Unknown, options: string, context: StepContext): Step[] {
  const trouble = evidence && troubleOf(evidence);
  const hurting = trouble === undefined ? [] : hurtingChannels(trouble).map(({ name }) => name);
  const isPast = (name: ChannelName) => evidence !== undefined && timeOfLines(name, evidence)?.untilMs !== undefined;
  const isNew = (name: ChannelName) => trouble?.kind !== 'acute' || !isChronic(trouble.channels[name]);
  const troubled = trouble === undefined ? [] : CHANNELS_OF_STORE.filter((name) => isTroubled(trouble.channels[name]) && isNew(name));
  const ofStore = troubled.filter((name) => !isPast(name));
  // What the store shows is nearer to why than what users see of it.
  const isStores = hurting.every((name) => OFTEN_OF_STORE.includes(name));
  const { runningDeploy, lastDeploy, engine } = context;
  // An alarm of the store that its own figures refute points to the way of the users.
  const isRefuted = runbook === 'store-failure' && troubled.length === 0 && engine.missed === undefined && engine.isFree;
  const isEngines = engine.missed !== undefined || (runbook === 'store-failure' && !engine.isFree);
  const ofAlarm: readonly ChannelName[] = isEngines ? ['nodes'] : runbook === 'session-explosion' ? ['memory'] : [];
  const inOrder = isStores ? [...ofStore, ...ofAlarm, ...hurting] : [...hurting, ...ofStore, ...ofAlarm];
  // Lines that are over come after what goes on.
  const names = [...inOrder, ...troubled.filter(isPast)].slice(0, MOST_CHANNELS);
  // Where it is over, the previous release ends nothing, and can log everybody out again.
  const goesOn = trouble !== undefined && trouble.untilMs === undefined;
  const deploys =
    runningDeploy === undefined && goesOn && lastDeploy !== undefined && isNear(trouble, lastDeploy)
      ? CAUSE_STEPS['unreadable-sessions'](options, context)
      : [];
  const general = [
    step('Compare the load balancer, the servers and the store with the configuration.', context.doctor),
    step('See the servers and the latest deploys.', holdfast(`status ${options}`), holdfast(`deploys ${options}`)),
    readStore(options),
  ];
  return withoutRepeats([
    ...restartStale(options, context),
    // What goes on after it is another trouble, or one that it left.
    ...(goesOn ? [] : whatPassed(options, context)),
    ...(trouble?.untilMs === undefined || context.past !== undefined ? [] : [overStep(trouble, options, context)]),
    ...(runningDeploy === undefined ? [] : CAUSE_STEPS['deploy-in-progress'](options, context)),
    ...deploys,
    ...(isRefuted && hurting.length > 0 && hurting[0] !== 'errors' ? [followCookie(options)] : []),
    ...names.flatMap((name) => CHANNEL_STEPS[name](options, context)),
    ...general,
  ]);
}

interface Unknown {
  readonly evidence: Evidence | undefined;
  readonly runbook: IncidentRecord['runbook'];
}

/** Nothing is to be stopped; what began it can come again. */
function overStep({ onset }: Trouble, options: string, { suspects: [suspect] }: StepContext): Step {
  const at = typeof onset === 'number' ? ` at ${clockText(onset).slice(0, 5)} UTC` : '';
  const [what, commands] =
    suspect === undefined
      ? [`, and find out what changed${at} (a secret or setting, a restart, a deploy) before it comes again.`, []]
      : [`. ${suspect.text}.${suspect.again === undefined ? '' : ` ${suspect.again}`}`, suspect.commands];
  const deploys = holdfast(`deploys ${options}`);
  return step(
    `It is over: see that it stays so${what} Users who were sent away log in once more.`,
    ...(commands.length > 0 ? commands : [deploys]),
  );
}

/** Sessions that are lost, and their requests, are so for a reason that the store often shows. */
const OFTEN_OF_STORE: readonly ChannelName[] = ['lost', 'redirects', 'errors', 'canary', 'refusedWrites', 'sessions'];
/** A deploy that ended so shortly before can have begun it; one that began later did not. */
const AFTER_DEPLOY_MS = 5 * 60_000;
/** Onsets are whole minutes. */
const MINUTE_MS = 60_000;
const isNear = ({ onset }: Trouble, { startedAtMs, endedAtMs }: NonNullable<StepContext['lastDeploy']>): boolean =>
  typeof onset === 'number' && onset >= startedAtMs - MINUTE_MS && onset <= endedAtMs + AFTER_DEPLOY_MS;

/** A command once, at the first step that has it. */
function withoutRepeats(steps: readonly Step[]): Step[] {
  const seen = new Set<string>();
  return steps.filter(({ text, commands }) => {
    const key = commands.join('\n') || text;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}
