/** CloudFormation's side of the gateway: the emulator requests resources of types that local services own over HTTP. */
import { z } from 'zod';
import { refuseResourceOverLimit } from '../service/refuse-over-limit.ts';
import { AwsError, type LocalService, type ProvidedResource, type ResourceProvider } from '../service/service.ts';

const properties = z.record(z.string(), z.unknown());
const create = z.object({ action: z.literal('create'), type: z.string(), logicalId: z.string(), stackName: z.string(), properties });
const remove = create.extend({ action: z.literal('delete'), physicalId: z.string() });
const update = remove.extend({ action: z.literal('update'), previous: properties });
const check = z.object({ action: z.literal('check'), type: z.string(), properties });
const read = z.object({ action: z.literal('read'), type: z.string(), physicalId: z.string() });
const request = z.discriminatedUnion('action', [create, update, remove, check, read]);

/** Every resource type that one of `services` provides; a type with two providers is a bug in the local cloud. */
export function collectProviders(services: readonly LocalService[]): ReadonlyMap<string, ResourceProvider> {
  const providers = new Map<string, ResourceProvider>();
  for (const service of services) {
    for (const [type, provider] of Object.entries(service.resourceTypes)) {
      if (providers.has(type)) throw new Error(`two local services provide ${type}`);
      providers.set(type, provider);
    }
  }
  return providers;
}

/**
 * Answers one request of the emulator's CloudFormation.
 * @throws AwsError when no service provides or reads the type, or its provider refuses
 */
export async function provideResource(providers: ReadonlyMap<string, ResourceProvider>, body: unknown): Promise<ProvidedResource | object> {
  const parsed = request.parse(body);
  if ('properties' in parsed && parsed.action !== 'delete') refuseResourceOverLimit(parsed.type, parsed.properties);
  // The emulator creates it.
  if (parsed.action === 'check') return {};
  const provider = providers.get(parsed.type);
  if (!provider) throw new AwsError('ValidationError', `Template format error: Unrecognized resource types: [${parsed.type}]`);
  switch (parsed.action) {
    case 'create':
      return provider.create(parsed);
    case 'update':
      return provider.update(parsed);
    case 'delete':
      await provider.delete(parsed);
      return {};
    case 'read':
      if (!provider.read) throw new AwsError('ValidationError', `Resources of type ${parsed.type} cannot be read.`);
      return provider.read(parsed.physicalId);
  }
}
