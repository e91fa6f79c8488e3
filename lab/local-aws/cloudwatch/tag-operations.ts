/** Tags of alarms and dashboards. */
import { z } from 'zod';
import { list, requiredText, tagList } from '../service/parse-input.ts';
import { AwsError, type Operation } from '../service/service.ts';
import { parseInput } from './input.ts';

export interface TagStore {
  put(arn: string, tags: readonly { Key: string; Value: string }[]): void;
  delete(arn: string): void;
  get(arn: string): { Key: string; Value: string }[];
  remove(arn: string, keys: readonly string[]): void;
}

export function createTagStore(): TagStore {
  const all = new Map<string, Map<string, string>>();
  return {
    put(arn, tags) {
      const kept = all.get(arn) ?? new Map<string, string>();
      for (const tag of tags) kept.set(tag.Key, tag.Value);
      all.set(arn, kept);
    },
    delete: (arn) => void all.delete(arn),
    get: (arn) => [...(all.get(arn) ?? [])].map(([Key, Value]) => ({ Key, Value })),
    remove(arn, keys) {
      for (const key of keys) all.get(arn)?.delete(key);
    },
  };
}

export function tagOperations(store: TagStore, exists: (arn: string) => boolean): Record<string, Operation> {
  const need = (arn: string): string => {
    if (!exists(arn)) throw new AwsError('ResourceNotFoundException', `Unknown resource ${arn}`, 404);
    return arn;
  };
  return {
    TagResource(input) {
      const request = parseInput(z.object({ ResourceARN: requiredText, Tags: tagList }), input);
      store.put(need(request.ResourceARN), request.Tags);
      return {};
    },
    UntagResource(input) {
      const request = parseInput(z.object({ ResourceARN: requiredText, TagKeys: list(requiredText) }), input);
      store.remove(need(request.ResourceARN), request.TagKeys);
      return {};
    },
    ListTagsForResource(input) {
      const request = parseInput(z.object({ ResourceARN: requiredText }), input);
      return { Tags: store.get(need(request.ResourceARN)) };
    },
  };
}
