import { installSeconds } from '../../instance/bundle-scripts.ts';
import { letThroughWords, peopleText } from '../../records/outcome-text.ts';
import { hookSeconds } from '../../shared/app-contract.ts';
import { roundTo } from '../../shared/arithmetic.ts';
import { refusalsOf, warningsOf } from '../../shared/check.ts';
import { HoldfastError } from '../../shared/errors.ts';
import { servesUsers } from '../assess/fleet-members.ts';
import { foundUnserved } from '../command/stage-assets.ts';
import type { DeployContext } from '../contract/common.ts';
import { HOOK_STEPS } from '../contract/roll.ts';
import { validateInput } from '../control/validate-input.ts';
import { firstBakeSecondsOf, planLooks } from '../people/describe-people.ts';
import { mostAtOnce } from '../rolls/in-flight.ts';
import { type Experience, learnFrom } from '../rolls/learn-from.ts';
import { NAMES_NO_PAGES, routeQuestion } from '../session-cookie/judge-cookie.ts';
import { fillSettings } from '../settings/read-settings.ts';
import { DEPLOY_CHECKS, type DeployFacts } from './checks.ts';
import type { DryRunReport, DryRunRequest, PlannedPause, PlannedServer, Refusal, Unchecked, WorstTime } from './contract.ts';
import type { DryRunFacts } from './facts.ts';
import { forecast, lengthOf, type Course as Rolls, type Slot, togetherWith, worstRollSeconds } from './forecast.ts';
import { drainOf, sessionsOf, waitsForSessions } from './plan-servers.ts';
import { type DryRunPorts, readFacts } from './read-facts.ts';

/**
 * What a deploy would do, and everything that would refuse it. It takes no lock and changes nothing.
 * @throws the SDK's errors when something cannot be read
 */
export function createDryRun(ports: DryRunPorts): (request: unknown) => Promise<DryRunReport> {
  return async (request) => {
    const { deploy, refusals } = validate(ports, request);
    if (!deploy) return nothingPlanned(ports.fleet, request, refusals);
    return describe(await readFacts(ports, deploy), refusals);
  };
}

interface Validated {
  /** Where only its settings refuse it, it has them as they are; absent when the request itself is not valid. */
  readonly deploy?: DeployContext;
  readonly refusals: readonly Refusal[];
}

function validate({ fleet, settings, now }: DryRunPorts, input: unknown): Validated {
  const start = { input, executionName: 'dry-run', executionArn: '', startTime: new Date(now()).toISOString() };
  try {
    return { deploy: validateInput(start, fleet, settings), refusals: [] };
  } catch (error) {
    const refusals = [refusal('input and settings', error)];
    try {
      return { deploy: { ...validateInput(start, fleet, {}), settings: fillSettings(settings, fleet) }, refusals };
    } catch {
      return { refusals };
    }
  }
}

function refusal(check: string, error: unknown): Refusal {
  if (!(error instanceof HoldfastError)) throw error;
  return { check, error: error.name, message: error.message };
}

function nothingPlanned(fleet: string, request: unknown, refusals: readonly Refusal[]): DryRunReport {
  const version = String((request as Partial<DryRunRequest> | null)?.version ?? '');
  const nothing = { unchecked: [], warnings: [], servers: [], unchanged: [] };
  return { fleet, version, from: 'unknown', refused: true, refusals, ...nothing, atATime: 1, suspendsAutoScaling: false };
}

/** The report on what was read. Pure. */
export function describe(facts: DryRunFacts, before: readonly Refusal[] = []): DryRunReport {
  const { deploy, from, members, toRoll, suspendsAutoScaling } = facts;
  const atATime = mostAtOnce(deploy.settings.maxParallel, members.filter(({ lifecycle }) => lifecycle === 'inService').length);
  const experience = learnFrom(facts.latest);
  const pause = pauseOf(facts);
  const worst = worstOf(facts, atATime);
  const looks = looksOf(facts);
  const judged = judgedFacts(facts, { atATime, worst, experience });
  const refusals = [
    ...before,
    ...refusalsOf(DEPLOY_CHECKS, 'dry-run', judged).map(({ check, error }) => ({ check, error: error.name, message: error.message })),
  ];
  const rolling = new Set(toRoll.map(({ instanceId }) => instanceId));
  return {
    fleet: deploy.fleet,
    version: deploy.version,
    from,
    refused: refusals.length > 0,
    refusals,
    unchecked: uncheckedOf(facts),
    ...(toRoll.length > 0 && { people: peopleText(looks.people), sessions: sessionsText(facts, looks.sessions) }),
    warnings: [letThroughWords(deploy) ?? [], warningsOf(DEPLOY_CHECKS, 'dry-run', judged)].flat(),
    servers: planServers(facts, atATime, experience),
    unchanged: members
      .filter(({ instanceId, lifecycle }) => lifecycle === 'inService' && !rolling.has(instanceId))
      .map(({ instanceId }) => instanceId),
    atATime,
    ...(experience && { expected: expectedOf(facts, atATime, experience) }),
    worst,
    ...(pause && { pause }),
    suspendsAutoScaling,
  };
}

interface Course {
  readonly atATime: number;
  readonly worst: WorstTime;
  readonly experience: Experience | undefined;
}

function judgedFacts(facts: DryRunFacts, { atATime, worst, experience }: Course): Partial<DeployFacts> {
  const { deploy, toRoll, store, drainRule, concurrency, sessions, ...read } = facts;
  const { fleet, version, recover, pauseAfter, settings } = deploy;
  const ids = toRoll.map(({ instanceId }) => instanceId);
  return {
    ...read,
    ...{ fleet, version, recover, pauseAfter, settings, restarts: false },
    ...{ toRoll, memberIds: ids, reached: recover ? [] : toRoll },
    storeFault: store.fault,
    lastRollSeconds: experience?.rollSeconds,
    atOnce: atATime,
    ...(concurrency.unreserved !== undefined && { unreservedConcurrency: concurrency.unreserved }),
    ...(drainRule === undefined && { worstSeconds: worst.seconds }),
    ...(drainRule && { drainFront: drainRule, serverSessions: sessionsOf(facts), answered: [...sessions.keys()] }),
  };
}

/** Of a bundle also whether its scripts, which restart the server in their own way, end sessions. */
function sessionsText({ release, drainRule }: DryRunFacts, tried: string): string {
  if (release?.app.bundle === undefined) return tried;
  const inMemory = 'in memory end with its process, unless its own stop saves them';
  const survive =
    drainRule !== undefined
      ? `each server's are waited for before its scripts stop it; those that are left ${inMemory}`
      : release.app.sessions === undefined
        ? 'those in a store survive the scripts of the servers'
        : `a server's ${inMemory}`;
  return `${survive}; ${tried}`;
}

const looksOf = ({ deploy, release, toRoll, contracts, sessionGate }: DryRunFacts) =>
  planLooks(
    deploy.version,
    release?.app,
    toRoll.filter(servesUsers).map(({ version }) => contracts.get(version)),
    { ...deploy.settings, sessionGate },
  );

function slotsOf(facts: DryRunFacts, mostAtOnce: number, secondsOf: Rolls['secondsOf']): readonly Slot[] {
  const { deploy, members, toRoll } = facts;
  const { version, recover, settings } = deploy;
  const pause = pauseOf(facts);
  const order = toRoll.map(({ instanceId }) => instanceId);
  return forecast({ members, order, version, recover, mostAtOnce, limits: settings, pause }, secondsOf);
}

function planServers(facts: DryRunFacts, atATime: number, experience: Experience | undefined): readonly PlannedServer[] {
  // If no deploy shows how long a roll takes, any time serves for all: which servers are out of service together does not depend on it.
  const slots = slotsOf(facts, atATime, (_, index) => (experience ? experience.rollSeconds + longerBake(facts, atATime, index) : 1) || 1);
  return slots.flatMap((slot): PlannedServer[] => {
    const { instanceId } = slot;
    const member = facts.toRoll.find((one) => one.instanceId === instanceId);
    if (member === undefined) return [];
    const { version, health, zone } = member;
    const waits = waitsForSessions(member, facts);
    const { count: sessions, cookie, route } = facts.sessions.get(instanceId) ?? {};
    const server = {
      instanceId,
      ...(zone && { zone }),
      version,
      health,
      drain: drainOf(member, facts),
      waitsForSessions: waits,
      ...(sessions !== undefined && { sessions }),
      ...(waits && cookie !== undefined && { cookie }),
      ...(waits && route !== undefined && { route }),
      ...(experience && { startsAfterSeconds: roundTo(slot.startsAfterSeconds, 1) }),
      togetherWith: togetherWith(slots, slot),
    };
    return [server];
  });
}

function expectedOf(facts: DryRunFacts, atATime: number, { deployId, phases, rollSeconds, otherSeconds }: Experience) {
  const rollingSeconds = lengthOf(slotsOf(facts, atATime, (_, index) => rollSeconds + longerBake(facts, atATime, index)));
  return {
    deployId,
    seconds: roundTo(rollingSeconds + otherSeconds, 1),
    suspendedSeconds: facts.suspendsAutoScaling ? roundTo(rollingSeconds, 1) : 0,
    phases: Object.fromEntries(Object.entries(phases).map(([phase, seconds]) => [phase, roundTo(seconds, 1)])),
  };
}

function worstOf(facts: DryRunFacts, atATime: number): WorstTime {
  const { bundle } = facts.release?.app ?? {};
  const before = [...facts.contracts.values()].flatMap((app) => app.bundle ?? []);
  const scripts = bundle && { installTimeoutSeconds: installSeconds(bundle, before) + hookSeconds(bundle, HOOK_STEPS) };
  const settings = { ...facts.deploy.settings, ...scripts };
  const worst = new Map(
    facts.toRoll.map((member) => {
      const { timeoutSeconds = 0 } = facts.sessions.get(member.instanceId) ?? {};
      const waits = { waitsForSessions: waitsForSessions(member, facts), timeoutSeconds: timeoutSeconds > 0 ? timeoutSeconds : undefined };
      return [member.instanceId, worstRollSeconds({ version: member.version, ...waits }, settings)];
    }),
  );
  const secondsOf = (instanceId: string, index: number) => (worst.get(instanceId) ?? 0) + longerBake(facts, atATime, index);
  const rollingSeconds = lengthOf(slotsOf(facts, atATime, secondsOf));
  return { seconds: rollingSeconds + settings.settleSeconds, suspendedSeconds: facts.suspendsAutoScaling ? rollingSeconds : 0 };
}

/** The stop after the first servers, where there is a next one. */
function pauseOf({ deploy: { pauseAfter, settings }, toRoll }: DryRunFacts): PlannedPause | undefined {
  if (pauseAfter === undefined || pauseAfter >= toRoll.length) return undefined;
  return { after: pauseAfter, seconds: settings.pauseMinutes * 60 };
}

/** What the bake of the first servers takes more than that of the others: they begin before one is done, or before the stop. */
function longerBake(facts: DryRunFacts, atATime: number, index: number): number {
  const { pauseAfter = 0, settings } = facts.deploy;
  if (index >= Math.max(atATime, pauseAfter)) return 0;
  return firstBakeSecondsOf(settings, looksOf(facts).people) - settings.bakeSeconds;
}

function uncheckedOf(facts: DryRunFacts): readonly Unchecked[] {
  const { store, drainRule, toRoll, concurrency } = facts;
  if (toRoll.length === 0) return [];
  return [
    {
      check: 'commands',
      why: 'whether the servers carry out commands of Systems Manager: their agents report, and the deploy sends the first command',
    },
    { check: 'release', why: 'whether the release starts and passes its readiness check: only its first server shows that' },
    ...(facts.release?.app.assets === undefined || foundUnserved(facts.latest) ? [] : [{ check: 'assets', why: UNASKED_ASSETS }]),
    ...(concurrency.unknown === undefined ? [] : [{ check: 'function-concurrency', why: concurrency.unknown }]),
    ...(store.unknown === undefined ? [] : [{ check: 'session-store', why: store.unknown }]),
    ...(drainRule === undefined
      ? []
      : [
          {
            check: 'drain-rule',
            why: "whether the load balancer takes the condition that matches a server's sessions: the deploy tries it before the first server",
          },
          ...uncheckedRoutes(facts),
          ...uncheckedCookie(facts),
        ]),
  ];
}

const UNASKED_ASSETS =
  'whether the running release answers with files that are added next to its own: before the first drain the deploy stages the assets, asks each server for one, and warns';

/** What servers did not report of their sessions, because they did not answer the dry run. */
function uncheckedRoutes(facts: DryRunFacts): readonly Unchecked[] {
  const silent = sessionsOf(facts).filter(({ instanceId }) => !facts.sessions.has(instanceId));
  if (silent.length === 0) return [];
  const ids = silent.map(({ instanceId }) => instanceId).join(', ');
  return [
    { check: 'routes', why: `cookie, route and session timeout of ${ids}, which did not answer: the deploy asks before the first server` },
  ];
}

/** Whether the release's own session cookies name their server: the deploy after this one needs it. */
function uncheckedCookie({ release, deploy }: DryRunFacts): readonly Unchecked[] {
  const question = release && routeQuestion(release.app);
  if (question !== 'ask' && question !== 'unknown') return [];
  const what = `whether the session cookies of release ${deploy.version} name their server`;
  const why =
    question === 'ask' ? `${what}: its first server shows that before it is registered` : `${what}, also by the deploy: ${NAMES_NO_PAGES}`;
  return [{ check: 'session-cookie', why }];
}
