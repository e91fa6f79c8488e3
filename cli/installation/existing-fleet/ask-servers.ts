/** Has a script on each server read what is at its port. The script changes nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { isAwsError } from '../../../functions/shared/aws/classify-aws-error.ts';
import { createRunCommand } from '../../../functions/shared/aws/run-command.ts';
import { foreignLine } from '../../../functions/shared/foreign-text.ts';
import { parseJson } from '../../../functions/shared/json.ts';
import * as z from '../../../functions/shared/schema.ts';
import { pythonStep } from '../../../server/documents/document-content.ts';
import type { CommandFailure } from '../../failure.ts';
import { askAws, SCRIPT_DOCUMENT } from '../existing-store/read-store.ts';

/** A server that somebody has taken over writes what it likes. */
const line = z.pipe(
  z.string(),
  z.transform((text) => foreignLine(text, 250)),
);
const folder = z.matching(/^\/[!-~]{0,1000}$/);
const view = z.object({
  /** systemd units of the processes that listen at the port: `tomcat.service`; `none` of a process without one. */
  units: z.array(z.matching(/^(?:none|[A-Za-z0-9@_.:\\-]{1,200}\.(?:service|scope))$/)),
  programs: z.array(line),
  /** Without a folder where `java` in PATH is the same. */
  java: z.nullable(z.object({ home: z.nullable(folder), version: z.nullable(z.whole(0)) })),
  /** `flags` of its Java, which hold no secret; of its other properties the names. */
  tomcat: z.nullable(
    z.object({
      ...{ home: folder, version: z.nullable(line), applications: z.array(line) },
      ...{ flags: z.array(z.matching(/^-X[!-~]{1,100}$/)), properties: z.array(z.matching(/^[\w.-]{1,100}$/)) },
    }),
  ),
  /** Others of the same unit. */
  processes: z.whole(0),
  /** Paths that the user of a release cannot read. */
  closed: z.array(line),
  /** To a node of the store that was named. */
  connected: z.boolean(),
  /** Addresses of other stores, by Redis's port. */
  others: z.array(line),
  /** Whether the AWS CLI is there, and no snap. */
  aws: z.boolean(),
});
export type ServerView = z.output<typeof view> & { readonly id: string };

const SCRIPT_SECONDS = 60;
const LIMIT_MS = 90_000;
const POLL_MS = 1_000;

/**
 * @param endpoints of the nodes of a store: `HOST:PORT`
 * @returns of each server; a text has the reason why it was not read
 */
export async function askServers(ssm: SSMClient, nodeIds: readonly string[], port: number, endpoints: readonly string[]) {
  const { send, describe } = createRunCommand(ssm);
  const lines = pythonStep('describe', SCRIPT_SECONDS, 'describe_server').inputs['runCommand'] as readonly string[];
  const commands = [`export SSM_port='${port}' SSM_endpoints='${endpoints.join(' ')}'`, ...lines].join('\n');
  const comment = 'Holdfast init: reads what is at the port; changes nothing';
  const order = { documentName: SCRIPT_DOCUMENT, parameters: { commands, executionTimeout: SCRIPT_SECONDS }, comment };
  const ask = async (instanceId: string): Promise<ServerView | string> => {
    const id = await askAws('ssm:SendCommand', () => send({ ...order, instanceId }));
    for (const deadline = Date.now() + LIMIT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
      const state = await askAws('ssm:GetCommandInvocation', () => describe(id, instanceId));
      if (state.state === 'failed') return `${instanceId}: ${state.statusDetails}: ${foreignLine(state.errorOutput, 200)}`;
      if (state.state === 'succeeded') return readAnswer(state.output, instanceId);
    }
    return `${instanceId}: no answer within ${LIMIT_MS / 1000} s`;
  };
  const reasonOf = (error: CommandFailure): string => {
    if (error.code === 'NotAllowed') return `the credentials do not allow Run Command with ${SCRIPT_DOCUMENT}`;
    // The agent went away after it was listed.
    if (isAwsError(error, 'InvalidInstanceId')) return foreignLine(error.message, 200);
    throw error;
  };
  return Promise.all(nodeIds.map((id) => ask(id).catch((error: CommandFailure) => `${id}: ${reasonOf(error)}`)));
}

function readAnswer(output: string, id: string): ServerView | string {
  const answer = parseJson(output);
  const { data } = z.safeParse(view, answer);
  const { data: { unread } = {} } = z.safeParse(z.object({ unread: line }), answer);
  return data === undefined ? `${id}: ${unread ?? 'its answer is not that of the script'}` : { ...data, id };
}
