import { STORE_PART } from '../../functions/shared/naming.ts';
import type { SweepSummary } from '../../functions/sweep/contract/record.ts';
import type { SweepInput } from '../../functions/sweep/contract/steps.ts';
import type { Cloud } from '../cloud.ts';
import { commandFor } from '../command-options.ts';
import { asSentence, CommandFailure, EXIT } from '../failure.ts';
import { type Followed, untilSignal } from '../follow-execution.ts';
import { type ChangeOptions, connectToChange } from '../installation/connect-to-installation.ts';
import { type OpenCloud, openStores, sweepStateMachineArnOf } from '../open-stores.ts';
import type { PolicyOption } from '../option-values.ts';
import type { Output } from '../output.ts';
import { startExecution } from '../start-execution.ts';
import { shapeLines } from './shape-lines.ts';
import { progressLine, summaryLines } from './sweep-lines.ts';
import { followSweep, readReport, type SweepResult } from './sweeps.ts';

export interface SweepOptions
  extends ChangeOptions,
    Pick<SweepInput, 'dryRun' | 'full' | 'learn' | 'lives' | 'pace' | 'reconcile' | 'sampleEvery'> {
  readonly policy?: PolicyOption;
}

/** Starts a sweep and follows it until it has ended. */
export async function sweep(options: SweepOptions, output: Output): Promise<number> {
  const loses = deletes(options) ? 'This sweep deletes keys without a TTL from the session store.' : undefined;
  const cloud = openStores(
    await connectToChange({ ...options, ...(loses !== undefined && { loses }) }, STORE_PART),
    'sweeps',
    'stepFunctions',
    's3',
  );
  output.at(cloud);
  const executionArn = await startSweep(cloud, options);
  const sweepId = executionArn.split(':').at(-1) as string;
  output.print(`sweep ${sweepId}${isDry(options) ? ' (dry run: nothing is changed)' : ''}`);
  const followed = await follow(cloud, executionArn, output);
  if (!('ended' in followed)) {
    const next = commandFor(cloud, `sweeps show ${sweepId}`);
    output.result({ sweepId, status: 'RUNNING' }, () => `Sweep ${sweepId} goes on. Show it with: ${next}`);
    return followed.leftWith;
  }
  const { ended } = followed;
  const summary = ended.record?.summary;
  if (ended.status !== 'SUCCEEDED' || !summary) throw failureOf(sweepId, ended);
  const dryRun = isDry(options);
  const { reportKey } = ended.record ?? {};
  const learned = options.learn && reportKey !== undefined ? await readReport(cloud, reportKey) : undefined;
  output.result(
    { sweepId, dryRun, ...summary, ...(learned && { shapes: learned.shapes ?? [], shapesWithTtl: learned.shapesWithTtl ?? [] }) },
    () =>
      [
        ...summaryLines(summary, dryRun),
        ...(summary.unconfirmed ?? []).map(({ dialect }) => repairLine(dialect, cloud)),
        ...(learned ? shapeLines(learned) : []),
        showLine(sweepId, cloud),
      ].join('\n'),
  );
  return exitCodeOf(summary);
}

function exitCodeOf({ dialects = [], unconfirmed, withoutKeys }: SweepSummary): number {
  if (dialects.some(({ result }) => result === 'refused')) return EXIT.errors;
  return unconfirmed || withoutKeys || dialects.some(({ result }) => result === 'warning') ? EXIT.warnings : 0;
}

const isDry = ({ dryRun, learn }: SweepOptions): boolean => dryRun === true || learn === true;

/** Whether the command's own `--policy` deletes keys. The configuration's policy is not known here, and needs no confirmation. */
const deletes = ({ policy = {} }: Pick<SweepOptions, 'policy'>): boolean =>
  policy === 'delete' || (typeof policy === 'object' && Object.values(policy).includes('delete'));

/** @returns the execution's ARN @throws CommandFailure NoSweepStateMachine */
export async function startSweep(
  cloud: OpenCloud<'stepFunctions'>,
  { dryRun, full, learn, lives, policy, pace, reconcile, sampleEvery }: SweepOptions,
): Promise<string> {
  const input: SweepInput = { dryRun, full, learn, lives, policy, pace, reconcile, sampleEvery, requestedBy: cloud.caller };
  return startExecution(cloud.stepFunctions, sweepStateMachineArnOf(cloud), input, [
    'NoSweepStateMachine',
    'Choose another installation with --installation, or deploy it with "npx --no cdk deploy --all".',
  ]);
}

function follow(cloud: OpenCloud<'sweeps' | 'stepFunctions'>, executionArn: string, output: Output): Promise<Followed<SweepResult>> {
  let last = '';
  const progress = (summary: SweepSummary) => {
    const line = progressLine(summary);
    if (line !== last) output.print(line);
    last = line;
  };
  return untilSignal((signal) => followSweep(cloud, executionArn, progress, signal));
}

function failureOf(sweepId: string, { status, record, error, message }: SweepResult): CommandFailure {
  const name = record?.error?.Error ?? error ?? status;
  const cause = record?.error?.Cause ?? message ?? 'no cause was reported';
  const exitCode = name === 'SweepInProgress' ? EXIT.deployRuns : name === 'InvalidSweep' ? EXIT.badInput : EXIT.failed;
  // It has not begun: another sweep is at work, or its input is wrong.
  const end = record?.summary === undefined && exitCode !== EXIT.failed ? 'was refused' : `ended with ${status}`;
  return new CommandFailure(name, asSentence(`Sweep ${sweepId} ${end}: ${cause}`), exitCode);
}

const repairLine = (dialect: string, cloud: Cloud): string =>
  `Repair those of ${dialect} once with: ${commandFor(cloud, `sweep --policy ${dialect}=expire`)}`;
const showLine = (sweepId: string, cloud: Cloud): string => `Show the full report with: ${commandFor(cloud, `sweeps show ${sweepId}`)}`;
