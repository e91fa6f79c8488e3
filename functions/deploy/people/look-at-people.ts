/** What people meet with the new release, asked on the servers while it bakes. */
import { randomBytes } from 'node:crypto';
import type { InstanceCommands } from '../../instance/instance-commands.ts';
import { judgeBalancer, lookAtBalancer } from '../../people/balancer-counts.ts';
import { PEOPLE_KINDS, type PeopleAnswer, type PeopleKind, type PeopleOutput } from '../../people/contract.ts';
import { countsOf, fineKinds, judgePeople, type PeopleCounts, unitOf } from '../../people/judge-people.ts';
import type { Records } from '../../records/records.ts';
import type { DeployPeople, DeployRecord, Phase, TargetProgress } from '../../records/types.ts';
import type { ReadResponses } from '../../shared/aws/balancer-metrics.ts';
import { isAwsError } from '../../shared/aws/classify-aws-error.ts';
import { describeError, isThrottling } from '../../shared/errors.ts';
import { POLL_ONCE, type Polling } from '../../shared/poll.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import { addWarnings } from '../add-warnings.ts';
import type { DeployContext } from '../contract/common.ts';
import type { PeopleProgress, Roll } from '../contract/roll.ts';
import { PagesBroken, UsersTurnedAway } from '../errors.ts';
import type { RolledReleases } from '../target-phases.ts';
import { describeHurt, describeTooFew, EXPECTED_AS, MOST_SERVERS } from './describe-people.ts';

export interface LookPorts {
  /** The load balancer's metrics of the fleet. */
  readonly responses: ReadResponses;
  readonly records: Records;
  readonly commands: Pick<InstanceCommands, 'sendPeople' | 'readPeople'>;
  readonly now: () => number;
  readonly polling?: Polling;
}

export interface Look {
  readonly deploy: DeployContext;
  readonly roll: Roll;
  readonly releases: RolledReleases;
  readonly bakeSeconds: number;
  /** Absent while the bake's own check waits for its answer. */
  readonly verdict: () => 'DONE' | 'REPEAT' | 'WAIT' | undefined;
}

/** By then the server has answered for a few seconds, and only few people have met it. */
const FIRST_LOOK_MS = 5_000;
/** From a look to its answers, mostly: the last one is due so long before the bake's end. */
const ANSWER_MS = 3_000;
/** So long servers with the previous release are waited for: without them, what happens everywhere seems to be the new one's. */
const OTHERS_MS = 6_000;
/** As long before the deploy's first registration: what people met before. */
const BEFORE_MS = 600_000;
const PAUSE_MS = 500;
/** Of a look's servers, five calls a second. */
const PAUSE_OF_SERVER_MS = 200;
/** A look without an answer until then shows nothing. The document itself ends sooner. */
const OVERDUE_MS = 60_000;

/**
 * Looks once early in a bake and once at its end, while the bake's own check waits.
 * @returns what the next step goes on from
 * @throws UsersTurnedAway, PagesBroken. Whatever else goes wrong leaves people unchecked, which the record says
 */
export async function lookAtPeople(ports: LookPorts, look: Look): Promise<PeopleProgress | undefined> {
  const { deploy, roll, bakeSeconds, verdict } = look;
  const { now, polling = POLL_ONCE } = ports;
  const record = await ports.records.getDeploy(deploy.fleet, deploy.deployId);
  const target = record?.targets[roll.instanceId];
  if (!record || !target || record.people?.source === 'load balancer') return roll.people;
  const isFirst = doneOf(record).length === 0;
  const since = record.people?.isSticky && !isFirst && !look.releases.isRollback ? 'draining' : 'registering';
  const sinceMs = Math.max(lastBegin(target, since) ?? roll.phaseStartedAtMs, roll.phaseStartedAtMs - BEFORE_MS);
  let progress = roll.people ?? { sinceMs, looks: 0 };
  for (let waitedMs = 0; ; ) {
    const dueMs = roll.phaseStartedAtMs + lookTimes(bakeSeconds, progress.looks);
    try {
      if (progress.commandId !== undefined) {
        const answers = await readAnswers(ports, progress);
        if (answers) progress = { ...(await judged(ports, look, { record, isFirst, progress, answers })), looks: progress.looks + 1 };
      } else if (now() >= dueMs) progress = await sent(ports, look, { record, progress });
    } catch (error) {
      if (error instanceof UsersTurnedAway || error instanceof PagesBroken) throw error;
      await note(ports, look, { ...record.people, source: 'access log', servers: 0, verdict: 'unchecked', detail: describeError(error) });
      progress = { sinceMs: progress.sinceMs, looks: progress.looks + 1 };
    }
    const bake = verdict();
    if (bake === 'WAIT' || bake === 'REPEAT') return progress;
    const awaited = progress.commandId !== undefined && isFirst;
    const pauseMs = Math.max(PAUSE_MS, ((progress.old?.length ?? 0) + (progress.fresh?.length ?? 0)) * PAUSE_OF_SERVER_MS);
    waitedMs += bake === 'DONE' ? pauseMs : 0;
    if (bake === 'DONE' && (!awaited || waitedMs > ANSWER_MS)) return progress;
    await polling.pause(pauseMs);
  }
}

/** Without those that had no users. */
const doneOf = ({ targets }: DeployRecord) =>
  Object.values(targets).filter(({ phase, fromVersion }) => (phase === 'done' || phase === 'rolledBack') && fromVersion !== NO_RELEASE);

/** Of an hour. */
const LATEST_DEPLOYS = 10;

/**
 * Where the load balancer's metrics are all that shows people: judges the deploy's first bake at its end, which is late enough for them.
 * @throws what {@link lookAtPeople} throws
 */
export async function lookByBalancer(ports: Pick<LookPorts, 'records' | 'responses' | 'now'>, look: Look): Promise<void> {
  const { deploy, roll, releases } = look;
  const record = await ports.records.getDeploy(deploy.fleet, deploy.deployId);
  if (record?.people?.source !== 'load balancer' || releases.isRollback || doneOf(record).length > 0) return;
  const source = 'load balancer';
  const { servers } = record.people;
  const phases = Object.values(record.targets).map(({ phase }) => phase);
  try {
    const firstMs = firstRegistration(record);
    const times = { firstMs, registeredAtMs: Math.max(firstMs, roll.people?.sinceMs ?? 0), nowMs: ports.now() };
    const failed = (await ports.records.latestDeploys(deploy.fleet, LATEST_DEPLOYS))
      .filter(({ status }) => status !== 'RUNNING' && status !== 'SUCCEEDED')
      .map((one) => ({ fromMs: firstRegistration(one), toMs: one.finishedAtMs }));
    const read = await lookAtBalancer(ports.responses, times, failed);
    const found = judgeBalancer(read, phases.filter((phase) => phase === 'baking').length / phases.length);
    const about = { instanceId: roll.instanceId, version: releases.version, unit: 'requests', paths: [] } as const;
    if (found.verdict === 'hurt') return await stopOrWarn(ports, look, { found, about, seen: { source, servers } });
    const detail = found.verdict === 'tooFew' ? 'its metrics have too few requests, or fewer than five minutes before the deploy' : '';
    await note(ports, look, { source, servers, verdict: found.verdict, detail });
  } catch (error) {
    if (error instanceof UsersTurnedAway || error instanceof PagesBroken) throw error;
    await note(ports, look, { source, servers, verdict: 'unchecked', detail: describeError(error) });
  }
}

/** Milliseconds into the bake at which a look is due; never for a third one. */
function lookTimes(bakeSeconds: number, looks: number): number {
  const [bakeMs, first] = [bakeSeconds * 1000, Math.min(FIRST_LOOK_MS, bakeSeconds * 500)];
  if (looks === 0) return first;
  return looks === 1 && bakeMs - ANSWER_MS > first + ANSWER_MS ? bakeMs - ANSWER_MS : Number.POSITIVE_INFINITY;
}

/**
 * A server answers from its registration on, which is some time before the load balancer's own report shows that. With stickiness, its users
 * meet the release from its drain on, on servers that have it.
 */
const lastBegin = ({ phases = [] }: TargetProgress, begun: Phase): number | undefined =>
  phases.findLast(({ phase }) => phase === begun)?.startedAtMs;

const firstRegistration = ({ targets }: DeployRecord): number =>
  Math.min(
    ...Object.values(targets).flatMap(({ phases = [] }) =>
      phases.filter(({ phase }) => phase === 'registering').map((one) => one.startedAtMs),
    ),
  );

async function sent(
  { commands, now }: LookPorts,
  { deploy, roll }: Look,
  { record, progress }: { readonly record: DeployRecord; readonly progress: PeopleProgress },
): Promise<PeopleProgress> {
  const others = Object.entries(record.targets).filter(([id, { healthBefore }]) => id !== roll.instanceId && healthBefore === 'healthy');
  const idsOf = (...phases: readonly string[]) => others.filter(([, { phase }]) => phases.includes(phase)).map(([id]) => id);
  const old = idsOf('waiting', 'preparing', 'pinning', 'sessionDrain').slice(0, MOST_SERVERS - 1);
  const fresh = [roll.instanceId, ...idsOf('done', 'baking').slice(0, MOST_SERVERS - 1 - old.length)];
  const untilMs = Math.min(progress.sinceMs, firstRegistration(record));
  const sentAtMs = now();
  const parameters = {
    hashKey: randomBytes(32).toString('hex'),
    fromMs: String(untilMs - BEFORE_MS),
    untilMs: String(untilMs),
    sinceMs: String(progress.sinceMs),
    toMs: String(sentAtMs),
  };
  const send = (ids: readonly string[]) => commands.sendPeople(ids, parameters, deploy.documents);
  try {
    return { ...progress, commandId: await send([...fresh, ...old]), sentAtMs, fresh, old };
  } catch (error) {
    // One agent that is not heard is enough for it.
    if (!isAwsError(error, 'InvalidInstanceId')) throw error;
    return { ...progress, commandId: await send([roll.instanceId]), sentAtMs, fresh: [roll.instanceId], old: [] };
  }
}

/** Once the server that bakes has answered, and the others too or {@link OTHERS_MS} have passed; a server that fails has none. */
async function readAnswers(
  { commands, now }: LookPorts,
  { commandId, sentAtMs = 0, fresh = [], old = [] }: PeopleProgress,
): Promise<ReadonlyMap<string, PeopleOutput | string> | undefined> {
  const answers = new Map<string, PeopleOutput | string>();
  for (const instanceId of [...fresh, ...old]) {
    const command = { commandId, instanceId, sentAtMs, overdueAtMs: sentAtMs + OVERDUE_MS };
    const answer = await commands.readPeople(command).catch((error: unknown) => (isThrottling(error) ? undefined : describeError(error)));
    if (answer !== undefined) answers.set(instanceId, answer);
    else if (answers.size === 0 || now() < sentAtMs + OTHERS_MS) return undefined;
  }
  return answers;
}

interface Answered {
  readonly record: DeployRecord;
  readonly isFirst: boolean;
  readonly progress: PeopleProgress;
  readonly answers: ReadonlyMap<string, PeopleOutput | string>;
}

async function judged(ports: LookPorts, look: Look, { record, isFirst, progress, answers }: Answered): Promise<PeopleProgress> {
  const { deploy, roll, releases } = look;
  const { sinceMs, looks, fresh = [], old = [] } = progress;
  const peopleOf = (ids: readonly string[]): readonly PeopleAnswer[] =>
    ids.flatMap((id) => {
      const answer = answers.get(id);
      return typeof answer === 'object' && answer.people ? [answer.people] : [];
    });
  const own = answers.get(roll.instanceId);
  const done = { sinceMs, looks };
  if (typeof own !== 'object' || !own.people) {
    const detail = typeof own === 'object' ? (own.gaps[0] ?? 'its access log was not read') : (own ?? 'it gave no answer');
    await note(ports, look, {
      ...record.people,
      source: 'access log',
      servers: 0,
      verdict: 'unchecked',
      detail: `${roll.instanceId}: ${detail}`,
    });
    return done;
  }
  const others = { fresh: peopleOf(fresh.slice(1)), old: peopleOf(old) };
  const servers = 1 + others.fresh.length + others.old.length;
  const read = { own: own.people, ...others };
  const isSticky = record.people?.isSticky ?? false;
  const unit = unitOf(read, isSticky);
  const known = !isFirst && record.people?.unit === unit ? (record.people.before as PeopleCounts['before'] | undefined) : undefined;
  // With stickiness those who leave the second server are the first to bring a session.
  const fine = doneOf(record).length > (isSticky ? 1 : 0) ? (record.people?.fine ?? []) : [];
  const counts = countsOf(read, { unit, isSticky, fine, known });
  const found = judgePeople(counts, expectedBy(deploy));
  const shown = fine.length > 0 ? fine : fineKinds(counts);
  const seen = { source: 'access log', servers, unit, before: counts.before, fine: shown, ...(isSticky && { isSticky }) } as const;
  if (found.verdict !== 'hurt') {
    const detail = found.verdict === 'tooFew' ? describeTooFew(roll.instanceId, own.people, counts, sinceMs) : '';
    await note(ports, look, { ...seen, verdict: found.verdict, detail });
    return done;
  }
  const paths = [own.people, ...others.fresh].flatMap((answer) => answer.paths);
  const about = { instanceId: roll.instanceId, version: releases.version, unit, paths } as const;
  await stopOrWarn(ports, look, { found, about, seen });
  return done;
}

interface Hurting {
  readonly found: Parameters<typeof describeHurt>[0]['found'];
  readonly about: Omit<Parameters<typeof describeHurt>[0], 'found'>;
  readonly seen: Omit<DeployPeople, 'verdict' | 'detail'>;
}

const expectedBy = ({ expect }: DeployContext): readonly PeopleKind[] =>
  PEOPLE_KINDS.filter((kind) => expect !== undefined && EXPECTED_AS[kind] === expect);

async function stopOrWarn(ports: Pick<LookPorts, 'records'>, look: Look, { found, about, seen }: Hurting): Promise<void> {
  const { deploy, releases } = look;
  const { error, detail } = describeHurt({ found, ...about });
  const { settings, restart } = deploy;
  // Nobody is served by stopping a rollback, or a restart of the release that serves.
  const goesOn = releases.isRollback || restart !== undefined || settings.onPeople === 'report' || expectedBy(deploy).includes(found.kind);
  const noting = note(ports, look, { ...seen, verdict: 'hurt', detail });
  // The stop counts, with or without its line on record.
  await (goesOn ? noting : noting.catch(() => {}));
  if (!goesOn) throw error;
  await addWarnings(ports.records, deploy, [`${detail[0]?.toUpperCase()}${detail.slice(1)}.`]);
}

/** A rollback leaves on record what stopped the deploy. */
async function note(
  { records }: Pick<LookPorts, 'records'>,
  { deploy: { fleet, deployId }, releases }: Look,
  people: DeployPeople,
): Promise<void> {
  if (!releases.isRollback) await records.updateDeploy(fleet, deployId, { people });
}
