/** CloudFormation's side of the gateway: the emulator requests resources of types that local services own over HTTP. */
import { z } from 'zod';
import { AwsError, type LocalService, type ProvidedResource, type ResourceProvider } from '../service/service.ts';

const request = z.discriminatedUnion('action', [
  z.object({
    action: z.literal('create'),
    type: z.string(),
    logicalId: z.string(),
    stackName: z.string(),
    properties: z.record(z.string(), z.unknown()),
  }),
  z.object({
    action: z.literal('update'),
    type: z.string(),
    logicalId: z.string(),
    stackName: z.string(),
    physicalId: z.string(),
    properties: z.record(z.string(), z.unknown()),
    previous: z.record(z.string(), z.unknown()),
  }),
  z.object({
    action: z.literal('delete'),
    type: z.string(),
    logicalId: z.string(),
    stackName: z.string(),
    physicalId: z.string(),
    properties: z.record(z.string(), z.unknown()),
  }),
  z.object({ action: z.literal('read'), type: z.string(), physicalId: z.string() }),
]);

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
