/** Operations on tags of every kind of resource. */
import { z } from 'zod';
import { tagList, texts } from '../../service/parse-input.ts';
import type { Operation } from '../../service/service.ts';
import type { ElbContext } from '../context.ts';
import { parseInput, toTags } from '../input.ts';
import type { Tags } from '../resources.ts';

const arnsInput = z.object({ ResourceArns: texts });

export function tagOperations({ registry }: Pick<ElbContext, 'registry'>): Record<string, Operation> {
  /** @throws AwsError with the code of the resource's kind */
  const tagsOf = (arn: string): Tags => {
    if (arn.includes(':targetgroup/')) return registry.targetGroup(arn).tags;
    if (arn.includes(':listener-rule/')) return registry.rule(arn).tags;
    if (arn.includes(':listener/')) return registry.listener(arn).tags;
    return registry.loadBalancer(arn).tags;
  };
  return {
    AddTags(input) {
      const { ResourceArns, Tags: added } = parseInput(arnsInput.extend({ Tags: tagList }), input);
      for (const tags of ResourceArns.map(tagsOf)) for (const [key, value] of toTags(added)) tags.set(key, value);
      return {};
    },
    RemoveTags(input) {
      const { ResourceArns, TagKeys } = parseInput(arnsInput.extend({ TagKeys: texts }), input);
      for (const tags of ResourceArns.map(tagsOf)) for (const key of TagKeys) tags.delete(key);
      return {};
    },
    DescribeTags(input) {
      const { ResourceArns } = parseInput(arnsInput, input);
      const describe = (arn: string): object => ({ ResourceArn: arn, Tags: [...tagsOf(arn)].map(([Key, Value]) => ({ Key, Value })) });
      return { TagDescriptions: ResourceArns.map(describe) };
    },
  };
}
