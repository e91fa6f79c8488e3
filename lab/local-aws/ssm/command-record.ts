/** A command that was sent, and what became of it on each instance. */
import type { DocumentVersion } from './document-store.ts';
import type { GivenParameters, ParameterValue } from './parameter-values.ts';

export type CommandStatus = 'Pending' | 'InProgress' | 'Success' | 'Cancelled' | 'Failed' | 'TimedOut' | 'Cancelling';

export type StepStatus = 'Success' | 'Failed' | 'TimedOut' | 'Cancelled' | 'Skipped';

export interface StepResult {
  readonly name: string;
  readonly status: StepStatus;
  /** The script's exit code; 137 when it was killed. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

export interface Invocation {
  readonly commandId: string;
  readonly instanceId: string;
  status: CommandStatus;
  /** Says more than the status: `DeliveryTimedOut`, `ExecutionTimedOut`, `Undeliverable`, … */
  statusDetails: string;
  steps: readonly StepResult[];
  startedAtMs?: number;
  endedAtMs?: number;
  readonly cancel: AbortController;
}

export interface CommandRecord {
  readonly commandId: string;
  readonly documentName: string;
  readonly documentVersion: string;
  readonly version: DocumentVersion;
  readonly parameters: GivenParameters;
  readonly values: Readonly<Record<string, ParameterValue>>;
  readonly comment: string;
  readonly requestedAtMs: number;
  /** Deadline for the start, plus the steps' own limits. */
  readonly expiresAtMs: number;
  readonly timeoutSeconds: number;
  /** The time from which GetCommandInvocation knows the command, by this process's own clock. */
  readonly visibleFrom: number;
  readonly maxConcurrency: string;
  readonly maxErrors: string;
  readonly targets: readonly { readonly Key: string; readonly Values: readonly string[] }[];
  readonly instanceIds: readonly string[];
  readonly invocations: readonly Invocation[];
}

export const isOver = (status: CommandStatus): boolean =>
  status === 'Success' || status === 'Failed' || status === 'TimedOut' || status === 'Cancelled';

/** The status of the whole command: running until every invocation has ended, then the worst of them. */
export function commandStatus(record: CommandRecord): { readonly status: CommandStatus; readonly details: string } {
  const { invocations } = record;
  if (invocations.length === 0) return { status: 'Success', details: 'NoInstancesInTag' };
  const open = invocations.find(({ status }) => status === 'Cancelling') ?? invocations.find(({ status }) => status === 'InProgress');
  if (open) return { status: open.status, details: open.statusDetails };
  if (invocations.some(({ status }) => status === 'Pending')) {
    const status = invocations.every(({ status }) => status === 'Pending') ? 'Pending' : 'InProgress';
    return { status, details: status };
  }
  for (const worst of ['Failed', 'TimedOut', 'Cancelled'] as const) {
    const found = invocations.find(({ status }) => status === worst);
    if (found) return { status: worst, details: found.statusDetails };
  }
  return { status: 'Success', details: 'Success' };
}

/** The command's status, by its steps'. @param onFailure each step's input of this name */
export function outcome(steps: readonly StepResult[], onFailure: readonly unknown[]): readonly [CommandStatus, string] {
  if (steps.some(({ status }) => status === 'Cancelled')) return ['Cancelled', 'Cancelled'];
  if (steps.some(({ status }) => status === 'TimedOut')) return ['TimedOut', 'ExecutionTimedOut'];
  const failed = steps.some(({ status }, index) => status === 'Failed' && onFailure[index] !== 'successAndExit');
  return failed ? ['Failed', 'Failed'] : ['Success', 'Success'];
}
