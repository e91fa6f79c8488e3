import { z } from 'zod';
import { flag, list, requiredText, tagList, text } from '../../service/parse-input.ts';
import { AwsError, type Operation } from '../../service/service.ts';
import { page, parseInput } from '../input.ts';
import { PARAMETER_GROUP_FAMILIES, parameterDefinitions, parameterProblem } from '../parameter-catalog.ts';
import type { ParameterGroup } from '../resources.ts';
import type { ElastiCacheState } from '../state.ts';

const name = { CacheParameterGroupName: requiredText };
const nameValues = list(z.object({ ParameterName: requiredText, ParameterValue: text.default('') }));
const createFields = z.object({
  ...name,
  CacheParameterGroupFamily: requiredText,
  Description: text.default(''),
  Tags: tagList.optional(),
});

/** Cache parameter groups. A change reaches the running nodes of the groups that use it. */
export function parameterGroupOperations(state: ElastiCacheState): Record<string, Operation> {
  const find = (groupName: string): ParameterGroup => own(state, groupName) ?? defaultGroup(groupName) ?? notFound(groupName);
  const change = (groupName: string, values: ParameterGroup['values'], reset: readonly string[]): object => {
    const group = own(state, groupName) ?? unchangeable(find(groupName).name);
    group.values = values;
    for (const replicationGroup of usersOf(state, group.name)) replicationGroup.refreshSettings(reset);
    return { CacheParameterGroupName: group.name };
  };
  return {
    CreateCacheParameterGroup: (raw) => {
      const input = parseInput(createFields, raw);
      const groupName = input.CacheParameterGroupName.toLowerCase();
      if (own(state, groupName) ?? defaultGroup(groupName)) {
        throw new AwsError('CacheParameterGroupAlreadyExists', `Parameter group ${groupName} already exists`);
      }
      if (!(PARAMETER_GROUP_FAMILIES as readonly string[]).includes(input.CacheParameterGroupFamily)) {
        throw new AwsError(
          'InvalidParameterValue',
          `CacheParameterGroupFamily ${input.CacheParameterGroupFamily} is not a valid parameter group family.`,
        );
      }
      const group: ParameterGroup = {
        name: groupName,
        family: input.CacheParameterGroupFamily,
        description: input.Description,
        values: {},
      };
      state.parameterGroups.set(groupName, group);
      state.addTags(state.arn('parametergroup', groupName), input.Tags);
      return { CacheParameterGroup: describe(state, group) };
    },
    DescribeCacheParameterGroups: (raw) => {
      const input = parseInput(z.object({ CacheParameterGroupName: text.optional() }), raw);
      const all = [...PARAMETER_GROUP_FAMILIES.map((family) => find(`default.${family}`)), ...state.parameterGroups.values()];
      const groups = input.CacheParameterGroupName ? [find(input.CacheParameterGroupName)] : all;
      const { items, Marker } = page(groups, raw);
      return { Marker, CacheParameterGroups: items.map((group) => describe(state, group)) };
    },
    ModifyCacheParameterGroup: (raw) => {
      const input = parseInput(z.object({ ...name, ParameterNameValues: nameValues }), raw);
      const values: Record<string, string> = { ...find(input.CacheParameterGroupName).values };
      for (const { ParameterName, ParameterValue } of input.ParameterNameValues) {
        const problem = parameterProblem(ParameterName, ParameterValue);
        if (problem) throw new AwsError('InvalidParameterValue', problem);
        values[ParameterName] = ParameterValue;
      }
      return change(input.CacheParameterGroupName, values, []);
    },
    ResetCacheParameterGroup: (raw) => {
      const input = parseInput(
        z.object({ ...name, ResetAllParameters: flag.default(false), ParameterNameValues: nameValues.default([]) }),
        raw,
      );
      const { values } = find(input.CacheParameterGroupName);
      const reset = input.ResetAllParameters ? Object.keys(values) : input.ParameterNameValues.map(({ ParameterName }) => ParameterName);
      return change(
        input.CacheParameterGroupName,
        Object.fromEntries(Object.entries(values).filter(([key]) => !reset.includes(key))),
        reset,
      );
    },
    DescribeCacheParameters: (raw) => {
      const input = parseInput(z.object({ ...name, Source: text.optional() }), raw);
      const group = find(input.CacheParameterGroupName);
      const parameters = parameterDefinitions(group.family)
        .map((definition) => ({
          ParameterName: definition.name,
          ParameterValue: group.values[definition.name] ?? definition.defaultValue,
          Source: definition.name in group.values ? 'user' : 'system',
          DataType: definition.dataType,
          AllowedValues: definition.allowedValues,
          IsModifiable: definition.modifiable,
          MinimumEngineVersion: '5.0.0',
          ChangeType: definition.immediate ? 'immediate' : 'requires-reboot',
        }))
        .filter((parameter) => input.Source === undefined || parameter.Source === input.Source);
      const { items, Marker } = page(parameters, raw);
      return { Marker, Parameters: items };
    },
    DeleteCacheParameterGroup: (raw) => {
      const group = find(parseInput(z.object(name), raw).CacheParameterGroupName);
      if (!own(state, group.name)) unchangeable(group.name);
      if (usersOf(state, group.name).length > 0) {
        throw new AwsError('InvalidCacheParameterGroupState', `One or more clusters are still members of parameter group ${group.name}.`);
      }
      state.parameterGroups.delete(group.name);
      state.removeTags(state.arn('parametergroup', group.name));
      return {};
    },
  };
}

function own(state: ElastiCacheState, groupName: string): ParameterGroup | undefined {
  return state.parameterGroups.get(groupName.toLowerCase());
}

/** The group that ElastiCache has for each family. */
function defaultGroup(groupName: string): ParameterGroup | undefined {
  const family = PARAMETER_GROUP_FAMILIES.find((each) => `default.${each}` === groupName);
  return family && { name: groupName, family, description: `Default parameter group for ${family}`, values: {} };
}

function usersOf(state: ElastiCacheState, groupName: string) {
  return [...state.groups.values()].filter(({ spec }) => spec.parameterGroupName === groupName);
}

function describe(state: ElastiCacheState, group: ParameterGroup): object {
  return {
    CacheParameterGroupName: group.name,
    CacheParameterGroupFamily: group.family,
    Description: group.description,
    IsGlobal: false,
    ARN: state.arn('parametergroup', group.name),
  };
}

function notFound(groupName: string): never {
  throw new AwsError('CacheParameterGroupNotFound', `CacheParameterGroup ${groupName} not found.`, 404);
}

function unchangeable(groupName: string): never {
  throw new AwsError('InvalidCacheParameterGroupState', `The parameter group ${groupName} is a default one and cannot be changed.`);
}
