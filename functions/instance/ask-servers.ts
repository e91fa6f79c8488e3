/** What dry runs and deploys ask servers by a command that only reads: sessions in their memory, variables. */

import type { Commands } from '../shared/aws/commands.ts';
import { endAt } from '../shared/end-at.ts';
import { amongSeveral, type Polling, pollUntil } from '../shared/poll.ts';
import { NO_RELEASE } from '../shared/version.ts';
import { DOCUMENT_STEPS, type ObserveOutput, type ObserveParameters, observeOutput, type WaitIdleOutput } from './document-contract.ts';
import { readCommand } from './read-command.ts';
import { type SessionsSeen, sessionsSeen } from './steps/sessions.ts';

const SERVERS_AT_ONCE = 10;

export interface AskingPorts {
  readonly commands: Commands;
  /** The document that only reads. */
  readonly observeDocument: string;
  readonly polling: Polling;
  readonly now: () => number;
}

/** What a deploy asks by the document that waits, a dry run asks by the one that observes. */
export type Answer = Omit<Partial<WaitIdleOutput>, 'signal'> & Pick<ObserveOutput, 'variables' | 'unread'>;

/** What a dry run asks servers, and what it makes of an answer. */
export interface Question<T> {
  readonly asks: Pick<ObserveParameters, 'sessions' | 'environmentParameter'>;
  readonly read: (answer: Answer) => T;
}

/** Returns what was read of each server that has answered at `endMs`, by its id. */
export type AskServers<T> = (instanceIds: readonly string[], endMs: number) => Promise<ReadonlyMap<string, T>>;

/** Asks servers at the same time. One that has not answered at `endMs` is missing; nothing is cancelled. */
export const askServers =
  <T>(ports: AskingPorts, question: Question<T>): AskServers<T> =>
  async (instanceIds, endMs) => {
    const { now } = ports;
    const left = [...instanceIds];
    const atOnce = Math.min(SERVERS_AT_ONCE, instanceIds.length);
    const answers = new Map<string, T>();
    const askOneByOne = async () => {
      for (let next = left.shift(); next !== undefined && now() < endMs; next = left.shift()) {
        const answer = await ask(ports, question, next, { endMs, atOnce }).catch(() => undefined);
        if (answer !== undefined) answers.set(next, answer);
      }
    };
    await endAt(Promise.all(Array.from({ length: atOnce }, askOneByOne)), endMs, now);
    return new Map(answers);
  };

async function ask<T>(
  { commands, observeDocument, polling, now }: AskingPorts,
  { asks, read }: Question<T>,
  instanceId: string,
  { endMs, atOnce }: { readonly endMs: number; readonly atOnce: number },
): Promise<T | undefined> {
  const comment = `Holdfast observe on ${instanceId}`;
  // The document requests no page, and waits for nothing.
  const parameters: ObserveParameters = { attempts: '0', intervalSeconds: '0', confirmSeconds: '0', ...asks };
  const id = await commands.send({ documentName: observeDocument, instanceId, parameters, comment });
  const poll = () =>
    pollUntil(
      () => commands.describe(id, instanceId, DOCUMENT_STEPS.observe),
      ({ state }) => state !== 'running' || now() >= endMs,
      amongSeveral(polling, atOnce, instanceId),
    );
  let found = await poll();
  // The pauses add up to less than a server takes for variables that it has to ask for again.
  while (found.state === 'running' && now() < endMs && polling.pausesMs.length > 0) found = await poll();
  if (found.state === 'running') return undefined;
  const { sessionsReason: reason, ...observed } = readCommand(found, observeOutput, comment);
  return read({ ...observed, reason, ...(observed.version === NO_RELEASE && { placeholder: true }) });
}

/** The sessions in the memory of each server, and how a listener rule knows them. */
export const countSessions = (ports: AskingPorts): AskServers<SessionsSeen> =>
  askServers(ports, { asks: { sessions: 'known' }, read: sessionsSeen });

/** Names of the fleet's variables as a server reads them, and a sentence for each that it cannot read. */
export interface VariablesSeen {
  readonly variables: readonly string[];
  readonly unread: readonly string[];
}

export const readEnvironment = (ports: AskingPorts, environmentParameter: string): AskServers<VariablesSeen> =>
  askServers(ports, { asks: { environmentParameter }, read: ({ variables = [], unread = [] }) => ({ variables, unread }) });
