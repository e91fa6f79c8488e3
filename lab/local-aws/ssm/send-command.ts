/** SendCommand: from a request to a record that the runner can begin. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { InstanceDirectory, ManagedInstance, Now } from '../interfaces.ts';
import { AwsError } from '../service/service.ts';
import type { CommandRecord } from './command-record.ts';
import type { DocumentStore } from './document-store.ts';
import { parseInput } from './input.ts';
import { checkParameters } from './parameter-values.ts';
import { documentSeconds } from './step-seconds.ts';

const target = z.object({ Key: z.string().min(1), Values: z.array(z.string()).max(50).default([]) });
const sendInput = z.object({
  DocumentName: z.string().min(1),
  DocumentVersion: z.string().optional(),
  DocumentHash: z.string().optional(),
  DocumentHashType: z.enum(['Sha256', 'Sha1']).optional(),
  InstanceIds: z.array(z.string()).max(50).default([]),
  Targets: z.array(target).max(5).default([]),
  Parameters: z.record(z.string(), z.array(z.string())).default({}),
  TimeoutSeconds: z.number().int().min(30).max(2_592_000).default(3600),
  Comment: z.string().max(100).default(''),
  MaxConcurrency: z
    .string()
    .regex(/^([1-9][0-9]*|[1-9][0-9]%|[1-9]%|100%)$/)
    .default('50'),
  MaxErrors: z
    .string()
    .regex(/^([1-9][0-9]*|0|[1-9][0-9]%|[0-9]%|100%)$/)
    .default('0'),
});

export interface SendContext {
  readonly documents: DocumentStore;
  readonly instances: InstanceDirectory;
  readonly now: Now;
  /** How long GetCommandInvocation does not know a new command. */
  readonly visibleAfterMs: number;
  /** Clock of the process, for `visibleFrom`. @default performance.now */
  readonly clock?: () => number;
  /** @default a random UUID */
  readonly newCommandId?: () => string;
}

/** True when the instance is one that a target names. @throws AwsError InvalidTarget */
function matches(instance: ManagedInstance, { Key, Values }: z.infer<typeof target>): boolean {
  if (Key.toLowerCase() === 'instanceids') return Values.includes(instance.instanceId) || Values.includes('*');
  if (Key.startsWith('tag:')) return Values.includes(instance.tags[Key.slice(4)] ?? '\0');
  if (Key === 'tag-key') return Values.some((name) => instance.tags[name] !== undefined);
  throw new AwsError('InvalidTarget', `The target key ${Key} is not valid.`);
}

/** Ids that are sent to. Named ones must all be reachable, matched ones are those that are. */
function choose(request: z.infer<typeof sendInput>, instances: InstanceDirectory): string[] {
  const { InstanceIds, Targets } = request;
  if (InstanceIds.length > 0 === Targets.length > 0) {
    throw new AwsError('ValidationException', 'Either InstanceIds or Targets must be specified, and not both.');
  }
  if (Targets.length > 0) {
    return instances
      .list()
      .filter((instance) => instance.online && Targets.every((each) => matches(instance, each)))
      .map(({ instanceId }) => instanceId);
  }
  const unreachable = InstanceIds.filter((id) => instances.get(id)?.online !== true);
  if (unreachable.length > 0)
    throw new AwsError('InvalidInstanceId', `Instances [[${unreachable.join(', ')}]] not in a valid state for account`);
  return [...new Set(InstanceIds)];
}

/** Ids of the instances that a request means, reachable or not: what it needs to be allowed on. */
export function instancesOf(input: unknown, instances: InstanceDirectory): string[] {
  const request = sendInput.safeParse(input).data;
  if (!request) return [];
  const { InstanceIds, Targets } = request;
  return Targets.length > 0 && InstanceIds.length === 0 ? choose(request, instances) : InstanceIds;
}

/** @throws AwsError InvalidDocument, InvalidDocumentVersion, InvalidParameters, InvalidInstanceId, ValidationException */
export function prepareCommand(input: unknown, context: SendContext): CommandRecord {
  const request = parseInput(sendInput, input);
  const stored = context.documents.get(request.DocumentName);
  const version = context.documents.version(stored, request.DocumentVersion);
  if (request.DocumentHash !== undefined && request.DocumentHashType !== 'Sha1' && request.DocumentHash !== version.hash) {
    throw new AwsError('InvalidDocument', `The document hash does not match ${stored.name} version ${version.version}.`);
  }
  const values = checkParameters(version.document, request.Parameters);
  const instanceIds = choose(request, context.instances);
  const { clock = () => performance.now(), newCommandId = randomUUID } = context;
  const commandId = newCommandId();
  const requestedAtMs = context.now();
  return {
    commandId,
    documentName: stored.name,
    documentVersion: request.DocumentVersion ?? '$DEFAULT',
    version,
    parameters: request.Parameters,
    values,
    comment: request.Comment,
    requestedAtMs,
    expiresAtMs: requestedAtMs + (request.TimeoutSeconds + documentSeconds(version.document, values)) * 1000,
    timeoutSeconds: request.TimeoutSeconds,
    visibleFrom: clock() + context.visibleAfterMs,
    maxConcurrency: request.MaxConcurrency,
    maxErrors: request.MaxErrors,
    targets: request.Targets,
    instanceIds: request.InstanceIds,
    invocations: instanceIds.map((instanceId) => ({
      commandId,
      instanceId,
      status: 'Pending',
      statusDetails: 'Pending',
      steps: [],
      cancel: new AbortController(),
    })),
  };
}
