import type { Polling } from '../../shared/poll.ts';
import type { Evidence } from '../document-contract.ts';
import type { InstanceCommands, SentCommand } from '../instance-commands.ts';

export interface StepPorts {
  readonly commands: InstanceCommands;
  readonly now: () => number;
  /** @default no pauses */
  readonly polling?: Polling;
}

/** A step on a server: where it runs, since when, and the command that it waits for. */
export interface ServerWork {
  readonly instanceId: string;
  /** When the current phase began, milliseconds since the epoch. */
  readonly phaseStartedAtMs: number;
  /** SSM command that is being waited for. */
  readonly commandId?: string | undefined;
  /** When it was sent, milliseconds since the epoch. */
  readonly commandSentAtMs?: number | undefined;
  /** How many servers are worked on at the same time, each of which waits for a command. @default 1 */
  readonly atOnce?: number | undefined;
}

/** The command that a step waits for. @param limitSeconds from the phase's begin until it is overdue */
export function sentCommand(step: ServerWork, limitSeconds: number): SentCommand {
  const { commandId, commandSentAtMs: sentAtMs, instanceId, phaseStartedAtMs, atOnce } = step;
  return { commandId, sentAtMs, instanceId, atOnce, overdueAtMs: phaseStartedAtMs + limitSeconds * 1000 };
}

export const elapsedSeconds = ({ phaseStartedAtMs }: ServerWork, nowMs: number): number => (nowMs - phaseStartedAtMs) / 1000;

/** As the end of a sentence: the request, the service's state and, on lines of their own, its journal. Empty without any. */
export function describeEvidence({ asked, service, journal = [] }: Evidence): string {
  const facts = [asked && `requested: ${asked}`, service].filter(Boolean).map((fact) => `; ${fact}`);
  const quoted = journal.length === 0 ? '' : `; its journal:${journal.map((line) => `\n  ${line}`).join('')}`;
  return `${facts.join('')}${quoted}`;
}
