/** Why a server of the local cloud does not serve, in its own words: what a deploy would quote of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Cloud } from '../../cli/cloud.ts';
import { DOCUMENTS, type ObserveOutput } from '../../functions/instance/document-contract.ts';
import { createInstanceCommands, type InstanceCommands } from '../../functions/instance/instance-commands.ts';
import { describeEvidence } from '../../functions/instance/steps/server-step.ts';
import { createRunCommand } from '../../functions/shared/aws/run-command.ts';
import { describeError } from '../../functions/shared/errors.ts';
import type { Log } from '../../functions/shared/log-events.ts';
import { documentName, releasesBucketName } from '../../functions/shared/naming.ts';

const COMMAND_MS = 15_000;
const PAUSE_MS = 250;
const ONCE = { attempts: '1', intervalSeconds: '0', confirmSeconds: '0' };
const SILENT: Log = { info: () => undefined, warn: () => undefined };

/** @returns one sentence without its full stop; never rejects */
export type ExplainServer = (instanceId: string) => Promise<string>;

export interface ServerExplainer {
  readonly explain: ExplainServer;
  close(): void;
}

export function createServerExplainer(cloud: Cloud): ServerExplainer {
  const { installation, account, region } = cloud;
  const client = new SSMClient(cloud.client);
  const commands = createInstanceCommands({
    runCommand: createRunCommand(client),
    documents: {
      waitIdle: documentName(installation, DOCUMENTS.waitIdle),
      install: documentName(installation, DOCUMENTS.install),
      observe: documentName(installation, DOCUMENTS.observe),
    },
    region,
    releasesBucket: releasesBucketName(installation, account, region),
    log: SILENT,
    now: Date.now,
    polling: { pausesMs: Array.from({ length: COMMAND_MS / PAUSE_MS }, () => PAUSE_MS), pause: (ms) => sleep(ms) },
  });
  return { explain: (instanceId) => explain(commands, instanceId), close: () => client.destroy() };
}

async function explain(commands: InstanceCommands, instanceId: string): Promise<string> {
  try {
    const preparation = await observe(commands, instanceId, { ...ONCE, attempts: '0' });
    if (preparation.preparationFailed !== undefined) return preparation.preparationFailed;
    if (preparation.preparing !== undefined) return `user data is still ${preparation.preparing}`;
    return describeAnswer(await observe(commands, instanceId, ONCE));
  } catch (error) {
    return `it cannot be asked (${describeError(error)})`;
  }
}

/** What its health path answers, its service's state and its journal. */
export const describeAnswer = (answer: ObserveOutput): string => `last answer: ${answer.lastAnswer}${describeEvidence(answer)}`;

async function observe(commands: InstanceCommands, instanceId: string, parameters: typeof ONCE): Promise<ObserveOutput> {
  const commandId = await commands.sendObserve(instanceId, parameters);
  const answer = await commands.readObserve({ commandId, instanceId, overdueAtMs: Date.now() + COMMAND_MS });
  if (answer === undefined) throw new Error(`no answer within ${COMMAND_MS / 1000} s`);
  return answer;
}
