import { z } from 'zod';
import { requiredText, tagList, texts } from '../../service/parse-input.ts';
import { AwsError, type Operation } from '../../service/service.ts';
import { parseInput } from '../input.ts';
import type { ElastiCacheState } from '../state.ts';

const resource = { ResourceName: requiredText };

/** AddTagsToResource, ListTagsForResource and RemoveTagsFromResource. */
export function tagOperations(state: ElastiCacheState): Record<string, Operation> {
  const list = (arn: string): object => ({ TagList: [...state.tagsOf(arn)].map(([Key, Value]) => ({ Key, Value })) });
  return {
    AddTagsToResource: (raw) => {
      const input = parseInput(z.object({ ...resource, Tags: tagList }), raw);
      state.addTags(existing(state, input.ResourceName), input.Tags);
      return list(input.ResourceName);
    },
    ListTagsForResource: (raw) => list(existing(state, parseInput(z.object(resource), raw).ResourceName)),
    RemoveTagsFromResource: (raw) => {
      const input = parseInput(z.object({ ...resource, TagKeys: texts }), raw);
      state.removeTags(existing(state, input.ResourceName), input.TagKeys);
      return list(input.ResourceName);
    },
  };
}

/** @throws AwsError InvalidARN, or the resource's own not-found error */
function existing(state: ElastiCacheState, arn: string): string {
  const [, kind, name] = /^arn:aws[a-z-]*:elasticache:[^:]*:\d{12}:([a-z]+):(.+)$/.exec(arn) ?? [];
  if (!kind || !name) throw new AwsError('InvalidARN', `${arn} is not the ARN of an ElastiCache resource.`);
  const missing = (code: string): never => {
    throw new AwsError(code, `${arn} not found.`, 404);
  };
  switch (kind) {
    case 'replicationgroup':
      state.group(name);
      break;
    case 'user':
      state.user(name);
      break;
    case 'usergroup':
      state.userGroup(name);
      break;
    case 'cluster':
      if (![...state.groups.values()].some(({ nodeIds }) => nodeIds.includes(name))) missing('CacheClusterNotFound');
      break;
    case 'parametergroup':
      if (!state.parameterGroups.has(name)) missing('CacheParameterGroupNotFound');
      break;
    case 'subnetgroup':
      if (!state.subnetGroups.has(name)) missing('CacheSubnetGroupNotFoundFault');
      break;
    default:
      throw new AwsError('InvalidARN', `${arn} is not the ARN of an ElastiCache resource.`);
  }
  return arn;
}
