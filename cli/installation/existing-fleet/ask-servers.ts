/** Has a script on each server read what is at its port. The script changes nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { createRunCommand } from '../../../functions/shared/aws/run-command.ts';
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

const AT_ONCE = 50;
const SCRIPT_SECONDS = 60;
const LIMIT_MS = 90_000;
const POLL_MS = 1_000;

/**
 * @param endpoints of the nodes of a store: `HOST:PORT`
 * @returns the views; where Run Command is not allowed, a sentence
 */
export async function askServers(
  ssm: SSMClient,
  nodeIds: readonly string[],
  port: number,
  endpoints: readonly string[],
): Promise<ServerViews | string> {
  const commands = createRunCommand(ssm);
  const script = [
    `export SSM_port='${port}' SSM_endpoints='${endpoints.join(' ')}'`,
    ...(pythonStep('describe', SCRIPT_SECONDS, 'describe_server').inputs['runCommand'] as readonly string[]),
  ].join('\n');
  const order = { documentName: SCRIPT_DOCUMENT, parameters: { commands: script, executionTimeout: SCRIPT_SECONDS } };
  const comment = 'Holdfast init: reads what is at the port; changes nothing';
  const views = new Map<string, ServerView | string>();
  const ask = async (instanceId = '', ...others: string[]) => {
    const id = await askAws('ssm:SendCommand', () => commands.send({ ...order, comment, instanceId, others }));
    const all = [instanceId, ...others];
    await Promise.all(all.map(async (nodeId) => views.set(nodeId, await follow(() => commands.describe(id, nodeId)))));
  };
  try {
    for (let at = 0; at < nodeIds.length; at += AT_ONCE) await ask(...nodeIds.slice(at, at + AT_ONCE));
    return views;
  } catch (error) {
    const { code, name, message } = error as CommandFailure;
    // Between the list of agents and the command one can go away.
    if (String(name) === 'InvalidInstanceId') return `Systems Manager refused the command: ${message}`;
    if (code !== 'NotAllowed') throw error;
    return `the credentials do not allow Run Command (ssm:SendCommand with ${SCRIPT_DOCUMENT}, ssm:GetCommandInvocation)`;
  }
}

async function follow(describe: () => ReturnType<ReturnType<typeof createRunCommand>['describe']>): Promise<ServerView | string> {
  const deadline = Date.now() + LIMIT_MS;
  while (Date.now() < deadline) {
    const state = await askAws('ssm:GetCommandInvocation', describe);
    if (state.state === 'running') await sleep(POLL_MS);
    else if (state.state === 'failed') return `${state.statusDetails}: ${foreignLine(state.errorOutput, 200)}`;
    else return readAnswer(state.output);
  }
  return `no answer within ${LIMIT_MS / 1000} s`;
}

function readAnswer(output: string): ServerView | string {
  const answer = parseJson(output);
  const read = z.safeParse(view, answer);
  if (read.success) return read.data;
  const { unread } = (answer ?? {}) as { readonly unread?: unknown };
  return typeof unread === 'string' ? unread : 'its answer is not that of the script';
}
