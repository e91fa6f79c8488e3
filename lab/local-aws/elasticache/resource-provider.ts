import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { AwsError, type ProvidedResource, type ResourceProvider, type ResourceRequest } from '../service/service.ts';
import type { ElastiCacheState } from './state.ts';

/** What the CloudFormation types of this service share. */

export type Properties = Record<string, unknown>;

/** Calls an operation of the API. @throws AwsError as the operation does */
export type Call = (operation: string, input: Properties) => Promise<Properties>;

type UpdateRequest = ResourceRequest & { readonly physicalId: string; readonly previous: Properties };

/**
 * A provider whose resource is replaced when an immutable property changes, and whose deletion takes a resource that is
 * gone for deleted.
 */
export function provider(parts: {
  readonly immutable: readonly string[];
  readonly create: (request: ResourceRequest) => Promise<ProvidedResource>;
  readonly update: (request: UpdateRequest) => Promise<ProvidedResource>;
  readonly delete: (physicalId: string) => Promise<unknown>;
}): ResourceProvider {
  return {
    create: parts.create,
    update: (request) => {
      const replaced = parts.immutable.some((name) => !isDeepStrictEqual(request.properties[name], request.previous[name]));
      return replaced ? parts.create(request) : parts.update(request);
    },
    delete: async ({ physicalId }) => {
      try {
        await parts.delete(physicalId);
      } catch (error) {
        if (!(error instanceof AwsError && /NotFound/.test(error.code))) throw error;
      }
    },
  };
}

/** A name as CloudFormation makes it: stack, logical id, and a suffix, in lower case and within 40 characters. */
export function generatedName(request: Pick<ResourceRequest, 'stackName' | 'logicalId'>): string {
  const readable = `${request.stackName}-${request.logicalId}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, '')
    .replaceAll(/-{2,}/g, '-');
  return `${readable.slice(0, 27).replace(/-$/, '')}-${randomBytes(6).toString('hex')}`;
}

/** Makes a resource's tags those of the template. */
export function replaceTags(state: ElastiCacheState, arn: string, properties: Properties): void {
  state.removeTags(arn);
  state.addTags(arn, properties['Tags'] as { Key: string; Value: string }[] | undefined);
}
