/** The emulator's requests to the gateway: resources of types that local services own, and data with metrics. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Ec2Machine } from '../ec2/describe-machines.ts';
import type { ExecutionStatus } from '../emulator/execution-metrics.ts';
import type { FaultEndpoints } from '../faults/answer-faults.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { areEqual } from '../iam/signature.ts';
import type { Log } from '../interfaces.ts';
import { readBody } from '../service/read-body.ts';
import { LIMITED_TYPES } from '../service/refuse-over-limit.ts';
import type { ResourceProvider } from '../service/service.ts';
import { toAwsError } from './answer-call.ts';
import { provideResource } from './cloudformation.ts';

export const INTERNAL_PREFIX = '/_holdfast/';

export interface Internal {
  readonly providers: ReadonlyMap<string, ResourceProvider>;
  readonly onLogLine: (line: { logGroup: string; logStream: string; message: string }) => void;
  readonly onExecution: ((execution: ExecutionStatus) => void) | undefined;
  /** The machines behind EC2's instances. */
  readonly machines: () => readonly Ec2Machine[];
  readonly log: Log;
  readonly access: AccessControl | undefined;
  readonly faults: FaultEndpoints | undefined;
}

const session = z.object({
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string(),
  sessionToken: z.string(),
  principalArn: z.string(),
  expiresAtMs: z.number().nullish(),
});
const judged = { action: z.string(), resource: z.string(), allowed: z.boolean() };
const call = z.union([z.object({ accessKeyId: z.string(), ...judged }), z.object({ principal: z.string(), ...judged })]);
const calls = z.object({ calls: z.array(call) });

const execution = z.object({
  stateMachineArn: z.string().min(1),
  status: z.string(),
  startedAtMs: z.number(),
  endedAtMs: z.number().nullish(),
});

/** GET cloudformation/types, POST cloudformation, machines, log-lines, executions, sessions, calls and faults/…; errors are 400 with `code` and `message`. */
export async function answerInternal(internal: Internal, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const send = (status: number, body: unknown) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const path = request.url?.slice(INTERNAL_PREFIX.length);
  const asksForTypes = request.method === 'GET' && path === 'cloudformation/types';
  // A page in a browser can send plain text anywhere; for JSON it needs a preflight, and nothing here answers preflights.
  if (!asksForTypes && !request.headers['content-type']?.startsWith('application/json')) {
    return send(415, { code: 'UnsupportedMediaType', message: 'Send JSON with the content type application/json.' });
  }
  // Functions can reach the gateway too: requests of the emulator need the secret that only the two share.
  const { access, faults } = internal;
  const isOwners = path !== undefined && faults?.isOwners(path) === true;
  const token = isOwners ? faults?.token : access?.token;
  if (token !== undefined && !areEqual(String(request.headers['x-holdfast-token'] ?? ''), token)) {
    return send(403, {
      code: 'AccessDenied',
      message: `Only ${isOwners ? 'the owner of the local cloud' : 'the emulator'} may call this: the token is wrong or missing.`,
    });
  }
  if (asksForTypes) return send(200, { types: [...internal.providers.keys()], limited: LIMITED_TYPES });
  let answer: object = {};
  let body: unknown;
  try {
    body = JSON.parse((await readBody(request)).toString('utf8'));
    if (path === 'log-lines') internal.onLogLine(body as { logGroup: string; logStream: string; message: string });
    else if (path === 'executions') internal.onExecution?.(execution.parse(body));
    else if (path === 'sessions') access?.addSession(session.parse(body));
    else if (path === 'calls') access?.recordCalls(calls.parse(body).calls);
    else if (path === 'machines') answer = { machines: internal.machines() };
    else if (path === 'cloudformation') answer = await provideResource(internal.providers, body);
    else if (path !== undefined && faults?.has(path)) answer = faults.answer(path, body);
    else return send(404, { code: 'NotFound', message: `There is no internal request ${request.url}.` });
    send(200, answer);
  } catch (thrown) {
    const error = toAwsError(thrown);
    const detail = error.code === 'InternalFailure' && thrown instanceof Error ? thrown.stack : `${error.code}: ${error.message}`;
    // A session's secret is never logged.
    if (path === 'sessions') body = undefined;
    internal.log(`${path} ${JSON.stringify(body)?.slice(0, 400)}: ${detail}`);
    send(400, { code: error.code, message: error.message });
  }
}
