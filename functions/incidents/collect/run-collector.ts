import { createHmac, randomBytes } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { type PutJson, putJsonInto } from '../../shared/aws/objects.ts';
import { within } from '../../shared/end-at.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { describeError, HoldfastError } from '../../shared/errors.ts';
import { minuteText } from '../../shared/texts.ts';
import { type CollectRequest, INCIDENTS_ENV, partKey } from '../contract/environment.ts';
import { CHANGES_COME_LATER, type Collected, type Facts, type Source } from '../contract/evidence.ts';
import type { CollectReply, CollectStep } from '../contract/steps.ts';
import { dynamoIncidentRecords } from '../records/dynamo-incident-records.ts';
import { withoutClients } from '../report/plain.ts';

export type Collectors = { readonly [S in Source]?: (request: CollectRequest) => Promise<Collected<Facts[S]>> };

export interface CollectPorts {
  readonly collectors: Collectors;
  readonly putJson: PutJson;
  readonly secret: () => Promise<string>;
  /** How long a source may take of the function's 60 s; the rest is for writing what was found. @default 50 s */
  readonly limitMs?: number;
}

export const COLLECTOR_LIMIT_MS = 50_000;

export const hashKeyOf = (secret: string, incidentId: string): string => createHmac('sha256', secret).update(incidentId).digest('hex');

/** Collects one source and stores what it gave. A source that fails, or takes too long, is a gap with its reason. */
export function createCollect(ports: CollectPorts): (step: CollectStep) => Promise<CollectReply> {
  return async ({ run, source }) => {
    const beganAtMs = Date.now();
    const collected = await collect(ports, { run, source });
    await ports.putJson(partKey(run, source), collected);
    return { source, ...('gap' in collected && { gap: collected.gap }), beganAtMs, endedAtMs: Date.now() };
  };
}

function withoutWords(collected: Collected<unknown>): Collected<unknown> {
  if ('gap' in collected) return { gap: withoutClients(collected.gap) };
  return { ...collected, ...(collected.gaps && { gaps: collected.gaps.map(withoutClients) }) };
}

async function collect(ports: CollectPorts, { run, source }: Pick<CollectStep, 'run' | 'source'>): Promise<Collected<unknown>> {
  const collector = ports.collectors[source];
  if (collector === undefined) return { gap: 'this installation has no such source' };
  if (source === 'changes' && run.changesByMs !== undefined) return { gap: `${CHANGES_COME_LATER}${minuteText(run.changesByMs)}` };
  const { incidentId, runbook, fleets, fromMs, toMs, firstSignMs } = run;
  const { limitMs = COLLECTOR_LIMIT_MS } = ports;
  try {
    const hashKey = hashKeyOf(await ports.secret(), incidentId);
    const request: CollectRequest = { incidentId, runbook, fleets, fromMs, toMs, firstSignMs, hashKey };
    const late = () => new SourceTooSlow(`it did not answer within ${limitMs / 1_000} s`);
    return withoutWords(await within<Collected<unknown>>(collector(request), limitMs, late));
  } catch (error) {
    return { gap: withoutClients(describeError(error)) };
  }
}

class SourceTooSlow extends HoldfastError {
  override readonly name = 'SourceTooSlow';
}

export function collectWith(collectors: Collectors, environment: Environment) {
  const records = dynamoIncidentRecords(recordsTableFrom(environment));
  return createCollect({
    collectors,
    putJson: putJsonInto(new S3Client(CLIENT_OPTIONS), required(environment, INCIDENTS_ENV.bucket)),
    secret: () => records.hashSecret(() => randomBytes(32).toString('hex')),
  });
}
