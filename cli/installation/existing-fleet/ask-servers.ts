/** Has a script on each server read what is at its port. The script changes nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { isAwsError } from '../../../functions/shared/aws/classify-aws-error.ts';
import type { CommandOrder } from '../../../functions/shared/aws/commands.ts';
import { createRunCommand, type RunCommand } from '../../../functions/shared/aws/run-command.ts';
import { foreignLine } from '../../../functions/shared/foreign-text.ts';
import { parseJson } from '../../../functions/shared/json.ts';
import * as z from '../../../functions/shared/schema.ts';
import { pythonStep } from '../../../server/documents/document-content.ts';
import type { CommandFailure } from '../../failure.ts';
import { askAws, SCRIPT_DOCUMENT } from '../existing-store/read-store.ts';

const place = z.object({ home: z.text(1, 1_000), version: z.nullish(z.union([z.text(0, 50), z.whole(0)])) });
const view = z.object({
  /** systemd units of the processes that listen at the port: `tomcat.service`; `none` of a process without one. */
  units: z.array(z.text(1, 250)),
  programs: z.array(z.text(0, 250)),
  java: z.nullish(place),
  tomcat: z.nullish(place),
  /** To a node of the store that was named. */
  connected: z.boolean(),
  /** Addresses of other stores, by Redis's port. */
  others: z.array(z.text(1, 100)),
  python: z.text(1, 20),
});
export type ServerView = z.output<typeof view>;

/** By server; a text has the reason why it was not read. */
export type ServerViews = ReadonlyMap<string, ServerView | string>;

const SCRIPT_SECONDS = 60;
const LIMIT_MS = 90_000;
const POLL_MS = 1_000;

/** @param endpoints of the nodes of a store: `HOST:PORT` */
export async function askServers(
  ssm: SSMClient,
  nodeIds: readonly string[],
  port: number,
  endpoints: readonly string[],
): Promise<ServerViews> {
  const runCommand = createRunCommand(ssm);
  const lines = pythonStep('describe', SCRIPT_SECONDS, 'describe_server').inputs['runCommand'] as readonly string[];
  const commands = [`export SSM_port='${port}' SSM_endpoints='${endpoints.join(' ')}'`, ...lines].join('\n');
  const order = { documentName: SCRIPT_DOCUMENT, parameters: { commands, executionTimeout: SCRIPT_SECONDS } };
  const comment = 'Holdfast init: reads what is at the port; changes nothing';
  const ask = async (instanceId: string) => [instanceId, await askServer(runCommand, { ...order, comment, instanceId })] as const;
  return new Map(await Promise.all(nodeIds.map(ask)));
}

async function askServer(runCommand: RunCommand, order: CommandOrder): Promise<ServerView | string> {
  try {
    const id = await askAws('ssm:SendCommand', () => runCommand.send(order));
    for (const deadline = Date.now() + LIMIT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
      const state = await askAws('ssm:GetCommandInvocation', () => runCommand.describe(id, order.instanceId));
      if (state.state === 'failed') return `${state.statusDetails}: ${foreignLine(state.errorOutput, 200)}`;
      if (state.state === 'succeeded') return readAnswer(state.output);
    }
    return `no answer within ${LIMIT_MS / 1000} s`;
  } catch (error) {
    if ((error as CommandFailure).code === 'NotAllowed') return `the credentials do not allow Run Command with ${SCRIPT_DOCUMENT}`;
    // The agent went away after it was listed.
    if (isAwsError(error, 'InvalidInstanceId')) return error.message;
    throw error;
  }
}

function readAnswer(output: string): ServerView | string {
  const answer = parseJson(output);
  const read = z.safeParse(view, answer);
  const { unread } = (answer ?? {}) as { readonly unread?: unknown };
  return read.success ? read.data : typeof unread === 'string' ? unread : 'its answer is not that of the script';
}
