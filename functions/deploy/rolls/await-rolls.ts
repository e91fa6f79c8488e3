import type { Records } from '../../records/records.ts';
import type { TargetProgress, TaskError } from '../../records/types.ts';
import { type Execution, type Executions, executionArnOf } from '../../shared/aws/executions.ts';
import type { Pause } from '../../shared/poll.ts';
import type { DeployContext } from '../contract/common.ts';
import { explainError } from '../explain-error.ts';
import { failedLately, namesOf, type TargetInFlight, targetsAtWork } from './in-flight.ts';
import { type LookAgain, longestPauseMs, lookAgain } from './look-again.ts';

export interface RollPorts {
  readonly records: Records;
  readonly executions: Pick<Executions, 'describe'>;
  readonly rollTargetStateMachineArn: string;
  readonly now: () => number;
  /** Between the polls of one look. @default polls once, without a pause */
  readonly pause?: Pause;
  /** When each execution was last asked for, by its name: kept from one look of a function to its next. @default nothing is kept */
  readonly askedAtMs?: Map<string, number>;
}

/** How the rolls stand at the end of a look. */
export interface Standing {
  readonly atWork: readonly TargetInFlight[];
  /** Whether one has ended in the course of the look, or since the step before it. */
  readonly someEnded: boolean;
  /** One that was chosen and whose execution was not started. */
  readonly unstarted?: TargetInFlight | undefined;
  readonly again: LookAgain;
}

/** Which rolls are waited for. */
export interface OwnRolls {
  /** Names of the executions that the step before this look saw at work: one of them can have ended between the two. */
  readonly seen: readonly string[];
  /** A clean-up waits for its own rollbacks only, and not for the rolls that the deploy had begun. @default every roll */
  readonly isOwn?: (target: TargetInFlight) => boolean;
  /** Records of a roll that its execution ended without recording how. */
  readonly recordDeath: (target: TargetInFlight, execution: Execution) => Promise<void>;
}

/** How long one look polls, of the 60 s that the function has: by the clock, for a poll of 200 targets takes a second itself. */
const LOOK_MS = 40_000;
const POLL_PAUSE_MS = 1_000;

/** Waits for the end of a roll, for as long as one invocation can. */
export async function awaitRolls(
  ports: RollPorts,
  deploy: DeployContext,
  { seen, isOwn = () => true, recordDeath }: OwnRolls,
): Promise<Standing> {
  const untilMs = ports.now() + LOOK_MS;
  const over = new Set<string>();
  const look = async () => (await atWork(ports, deploy, over)).filter(isOwn);
  const first = await look();
  const before = [...seen, ...namesOf(first)];
  const unstarted = await recordDeaths(ports, first, recordDeath);
  let now = await look();
  const hasEnded = () => !areAll(before, namesOf(now));
  while (ports.pause && !unstarted && now.length > 0 && !hasEnded() && ports.now() < untilMs) {
    const mostMs = Math.min(POLL_PAUSE_MS, untilMs - ports.now());
    await ports.pause(Math.min(mostMs, longestPauseMs(now, deploy.settings.bakeSeconds, ports.now())));
    now = await look();
  }
  const targets = await targetsOf(ports, deploy);
  const lastChangeMs = Math.max(deploy.startedAtMs, ...Object.values(targets).map(({ finishedAtMs = 0 }) => finishedAtMs));
  const again = lookAgain(now, { bakeSeconds: deploy.settings.bakeSeconds, lastChangeMs, nowMs: ports.now() });
  return { atWork: now, someEnded: now.length === 0 || hasEnded(), unstarted, again };
}

function areAll(names: readonly string[], among: readonly string[]): boolean {
  const all = new Set(among);
  return names.every((name) => all.has(name));
}

type Describing = Pick<RollPorts, 'executions' | 'rollTargetStateMachineArn' | 'now'>;

const targetsOf = async ({ records }: { readonly records: Records }, { fleet, deployId }: DeployContext) =>
  (await records.getDeploy(fleet, deployId))?.targets ?? {};

/**
 * Those that have not ended by the record, and those whose execution still runs after a failure that is on record.
 * @param over executions that have been seen to be over, which are not asked for again
 */
async function atWork(
  ports: Describing & { readonly records: Records },
  deploy: DeployContext,
  over: Set<string>,
): Promise<readonly TargetInFlight[]> {
  const targets = await targetsOf(ports, deploy);
  return [...targetsAtWork(targets), ...(await findStillRunning(ports, targets, over))];
}

/** Failed targets whose executions still run: what a sticky fleet has to do after a failure takes minutes. */
export async function findStillRunning(
  ports: Describing,
  targets: Readonly<Record<string, TargetProgress>>,
  over: Set<string> = new Set(),
): Promise<readonly TargetInFlight[]> {
  const failed = failedLately(targets, ports.now()).filter(({ executionName }) => !over.has(executionName));
  const executions = await Promise.all(failed.map((target) => describeRoll(ports, target)));
  const running = failed.filter((_, index) => executions[index]?.status === 'RUNNING');
  for (const target of failed) if (!running.includes(target)) over.add(target.executionName);
  return running;
}

/** Undefined for one that was never started. */
export const describeRoll = (
  { executions, rollTargetStateMachineArn }: Omit<Describing, 'now'>,
  { executionName }: Pick<TargetInFlight, 'executionName'>,
): Promise<Execution | undefined> => executions.describe(executionArnOf(rollTargetStateMachineArn, executionName));

/**
 * A roll that was chosen and whose execution does not exist: the answer to the choice was lost, and the same choice is given again. To
 * start one twice does no harm, for its name is used once.
 */
export async function findNeverStarted(
  ports: Omit<Describing, 'now'>,
  rolls: readonly TargetInFlight[],
): Promise<TargetInFlight | undefined> {
  for (const target of rolls.filter(({ phase }) => phase === 'waiting')) {
    if ((await describeRoll(ports, target)) === undefined) return target;
  }
  return undefined;
}

/**
 * An execution that was stopped or timed out records nothing. One that fails or succeeds has done so before its end.
 * @returns a roll that has no execution
 */
async function recordDeaths(
  ports: RollPorts,
  rolls: readonly TargetInFlight[],
  recordDeath: OwnRolls['recordDeath'],
): Promise<TargetInFlight | undefined> {
  const { askedAtMs = new Map<string, number>() } = ports;
  const silent = silentRolls(rolls, askedAtMs, ports.now());
  const executions = await Promise.all(silent.map((target) => describeRoll(ports, target)));
  remember(askedAtMs, rolls, silent, ports.now());
  for (const [index, target] of silent.entries()) {
    const execution = executions[index];
    if (execution !== undefined && OVER.has(execution.status)) await recordDeath(target, execution);
  }
  return silent.find(({ phase }, index) => phase === 'waiting' && executions[index] === undefined);
}

/** Forgets those that are not at work any more. */
function remember(askedAtMs: Map<string, number>, rolls: readonly TargetInFlight[], asked: readonly TargetInFlight[], nowMs: number): void {
  const names = new Set(namesOf(rolls));
  for (const name of askedAtMs.keys()) if (!names.has(name)) askedAtMs.delete(name);
  for (const name of namesOf(asked)) askedAtMs.set(name, nowMs);
}

const OVER: ReadonlySet<string> = new Set(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']);

/** How an execution ended that says nothing itself, as a caught error names it. */
export const deathOf = (instanceId: string, { status, error, cause }: Execution, phase: string): TaskError => {
  if (status === 'TIMED_OUT') return { Error: 'States.Timeout', Cause: 'the execution that rolled the target ran out of time' };
  if (status === 'ABORTED') return { Error: 'Aborted', Cause: 'the execution that rolled the target was stopped' };
  if (error !== undefined) return explainError({ Error: error, Cause: cause ?? '' });
  return { Error: 'TargetFailed', Cause: `the roll of ${instanceId} stopped while ${phase}` };
};

/** When an execution was last asked for, in milliseconds since the epoch, by its name. */
type AskedAtMs = ReadonlyMap<string, number>;

/** An execution is not asked for within this time after it began or recorded a step, nor after it was last asked for. */
const SILENT_MS = 20_000;
/**
 * Looks follow each other as fast as rolls end, so that the calls of many at once would grow with the square of their number. Step Functions
 * gives an account 10 DescribeExecution calls a second in most Regions, after the first 250: these are 5 at most.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const EACH_MS = 200;
/** One function can be new at every look, and then remembers nothing. */
const MOST_AT_A_LOOK = 100;

/**
 * The rolls whose executions a look asks for, since nothing is on record of them: those first that were not asked for the longest, then those
 * that have been silent the longest.
 */
export function silentRolls(rolls: readonly TargetInFlight[], askedAtMs: AskedAtMs, nowMs: number): readonly TargetInFlight[] {
  const restMs = Math.max(SILENT_MS, rolls.length * EACH_MS);
  const asked = ({ executionName }: TargetInFlight) => askedAtMs.get(executionName) ?? 0;
  return rolls
    .filter((roll) => nowMs - roll.phaseStartedAtMs >= SILENT_MS && nowMs - asked(roll) >= restMs)
    .toSorted((a, b) => asked(a) - asked(b) || a.phaseStartedAtMs - b.phaseStartedAtMs)
    .slice(0, MOST_AT_A_LOOK);
}
