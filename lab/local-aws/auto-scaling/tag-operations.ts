/** Tags of groups. */
import { z } from 'zod';
import { flag, list, page, requiredText } from '../service/parse-input.ts';
import { AwsError, type Operation } from '../service/service.ts';
import { describeTag } from './describe-shapes.ts';
import type { GroupRegistry } from './group-registry.ts';
import type { Group, GroupTag } from './group-state.ts';
import { pageInput, parseInput } from './input.ts';

export const tagInput = z.object({
  ResourceId: requiredText.optional(),
  ResourceType: z.string().optional(),
  Key: requiredText,
  Value: z.string().optional(),
  PropagateAtLaunch: flag.optional(),
});

export function putTags(group: Group, tags: readonly z.output<typeof tagInput>[]): void {
  for (const tag of tags) {
    const kept = group.tags.filter((existing) => existing.key !== tag.Key);
    group.tags = [...kept, { key: tag.Key, value: tag.Value ?? '', propagateAtLaunch: tag.PropagateAtLaunch ?? false }];
  }
}

export function tagOperations(registry: GroupRegistry): Record<string, Operation> {
  const groupOf = (tag: z.output<typeof tagInput>): Group => registry.need(tag.ResourceId ?? '');
  return {
    CreateOrUpdateTags(input) {
      const { Tags } = parseInput(z.object({ Tags: list(tagInput) }), input);
      for (const tag of Tags) putTags(groupOf(tag), [tag]);
      return undefined;
    },
    DeleteTags(input) {
      const { Tags } = parseInput(z.object({ Tags: list(tagInput) }), input);
      for (const tag of Tags) {
        const group = groupOf(tag);
        group.tags = group.tags.filter((existing) => existing.key !== tag.Key || (tag.Value !== undefined && existing.value !== tag.Value));
      }
      return undefined;
    },
    DescribeTags(input) {
      const filter = z.object({ Name: requiredText, Values: list(requiredText).optional() });
      const request = parseInput(pageInput.extend({ Filters: list(filter).optional() }), input);
      const tags = [...registry.groups.values()].flatMap((group) => group.tags.map((tag) => ({ group, tag })));
      const wanted = tags.filter(({ group, tag }) =>
        (request.Filters ?? []).every(({ Name, Values = [] }) => Values.includes(filterValue(Name, group, tag))),
      );
      const { items, nextToken } = page(wanted, request.NextToken, request.MaxRecords);
      return { Tags: items.map(({ group, tag }) => describeTag(group, tag)), ...nextToken };
    },
  };
}

function filterValue(name: string, group: Group, tag: GroupTag): string {
  switch (name) {
    case 'auto-scaling-group':
      return group.name;
    case 'key':
      return tag.key;
    case 'value':
      return tag.value;
    case 'propagate-at-launch':
      return String(tag.propagateAtLaunch);
    default:
      throw new AwsError(
        'ValidationError',
        `Filter type ${name} is not correct. Allowed Filter types are: auto-scaling-group key value propagate-at-launch`,
      );
  }
}
