import { z } from 'zod';
import { requiredText, tagList, text, texts } from '../../service/parse-input.ts';
import { AwsError, type Operation } from '../../service/service.ts';
import { page, parseInput } from '../input.ts';
import type { SubnetGroup } from '../resources.ts';
import type { ElastiCacheState } from '../state.ts';

const name = { CacheSubnetGroupName: requiredText };
const createFields = z.object({ ...name, CacheSubnetGroupDescription: text.default(''), SubnetIds: texts, Tags: tagList.optional() });
const modifyFields = z.object({ ...name, CacheSubnetGroupDescription: text.optional(), SubnetIds: texts.optional() });

/** Cache subnet groups: recorded, since every local node is on 127.0.0.1. */
export function subnetGroupOperations(state: ElastiCacheState): Record<string, Operation> {
  const find = (groupName: string): SubnetGroup => {
    const group = state.subnetGroups.get(groupName.toLowerCase());
    if (!group) throw new AwsError('CacheSubnetGroupNotFoundFault', `Cache subnet group ${groupName} not found.`);
    return group;
  };
  return {
    CreateCacheSubnetGroup: async (raw) => {
      const input = parseInput(createFields, raw);
      const groupName = input.CacheSubnetGroupName.toLowerCase();
      if (state.subnetGroups.has(groupName))
        throw new AwsError('CacheSubnetGroupAlreadyExists', `Cache subnet group ${groupName} already exists.`);
      if (input.SubnetIds.length === 0)
        throw new AwsError('InvalidParameterValue', 'The parameter SubnetIds must be provided and must not be blank.');
      const group: SubnetGroup = {
        name: groupName,
        description: input.CacheSubnetGroupDescription,
        ...(await placeOf(state, input.SubnetIds)),
      };
      state.subnetGroups.set(groupName, group);
      state.addTags(state.arn('subnetgroup', groupName), input.Tags);
      return { CacheSubnetGroup: describe(state, group) };
    },
    DescribeCacheSubnetGroups: (raw) => {
      const input = parseInput(z.object({ CacheSubnetGroupName: text.optional() }), raw);
      const groups = input.CacheSubnetGroupName ? [find(input.CacheSubnetGroupName)] : [...state.subnetGroups.values()];
      const { items, Marker } = page(groups, raw);
      return { Marker, CacheSubnetGroups: items.map((group) => describe(state, group)) };
    },
    ModifyCacheSubnetGroup: async (raw) => {
      const input = parseInput(modifyFields, raw);
      const group = find(input.CacheSubnetGroupName);
      group.description = input.CacheSubnetGroupDescription ?? group.description;
      if (input.SubnetIds) group.subnets = (await placeOf(state, input.SubnetIds)).subnets;
      return { CacheSubnetGroup: describe(state, group) };
    },
    DeleteCacheSubnetGroup: (raw) => {
      const group = find(parseInput(z.object(name), raw).CacheSubnetGroupName);
      if ([...state.groups.values()].some(({ spec }) => spec.subnetGroupName === group.name)) {
        throw new AwsError('CacheSubnetGroupInUse', `Cache subnet group ${group.name} is currently in use by a cache cluster.`);
      }
      state.subnetGroups.delete(group.name);
      state.removeTags(state.arn('subnetgroup', group.name));
      return {};
    },
  };
}

/** @throws AwsError InvalidSubnet where one does not exist, or is in another VPC than the first */
async function placeOf(state: ElastiCacheState, ids: readonly string[]): Promise<Pick<SubnetGroup, 'vpcId' | 'subnets'>> {
  const found = await Promise.all(ids.map(async (id) => ({ id, place: await state.options.subnet(id) })));
  const subnets = found.map(({ id, place }) => {
    if (!place) throw new AwsError('InvalidSubnet', `The subnet ID '${id}' does not exist`);
    return { id, zone: place.availabilityZone, vpcId: place.vpcId };
  });
  const vpcId = subnets[0]?.vpcId ?? '';
  if (subnets.some((subnet) => subnet.vpcId !== vpcId)) throw new AwsError('InvalidSubnet', 'The subnets are not all in the same VPC.');
  return { vpcId, subnets };
}

function describe(state: ElastiCacheState, group: SubnetGroup): object {
  return {
    CacheSubnetGroupName: group.name,
    CacheSubnetGroupDescription: group.description,
    VpcId: group.vpcId,
    Subnets: group.subnets.map(({ id, zone }) => ({
      SubnetIdentifier: id,
      SubnetAvailabilityZone: { Name: zone },
      SupportedNetworkTypes: ['ipv4'],
    })),
    ARN: state.arn('subnetgroup', group.name),
    SupportedNetworkTypes: ['ipv4'],
  };
}
