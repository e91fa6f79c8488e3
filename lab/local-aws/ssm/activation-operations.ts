/** Operations on hybrid activations, and on the nodes that were registered with them. */
import { z } from 'zod';
import type { AgentRegistration, Now } from '../interfaces.ts';
import { page, tagsByKey } from '../service/parse-input.ts';
import { AwsError, type Operation } from '../service/service.ts';
import type { Activation, Activations } from './activations.ts';
import { pageInput, parseInput, tagList, timestamp } from './input.ts';

const DAY_MS = 24 * 3600_000;
const LONGEST_DAYS = 30;

const createInput = z.object({
  IamRole: z.string().min(1).max(64),
  Description: z.string().max(256).default(''),
  DefaultInstanceName: z.string().max(256).default(''),
  RegistrationLimit: z.number().int().min(1).max(1000).default(1),
  ExpirationDate: z.number().optional(),
  Tags: tagsByKey,
});
const describeInput = pageInput.extend({
  Filters: z
    .array(z.object({ FilterKey: z.enum(['ActivationIds', 'DefaultInstanceName', 'IamRole']), FilterValues: z.array(z.string()) }))
    .default([]),
});
const resource = { ResourceType: z.string(), ResourceId: z.string() };

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateActivation.html */
export function activationOperations(activations: Activations, now: Now): Record<string, Operation> {
  const nodeOf = ({ ResourceType, ResourceId }: { ResourceType: string; ResourceId: string }): AgentRegistration => {
    if (ResourceType !== 'ManagedInstance') throw new AwsError('InvalidResourceType', `Tags of a ${ResourceType} are not emulated.`);
    const node = activations.node(ResourceId);
    if (node === undefined) throw new AwsError('InvalidResourceId', `The resource ID ${ResourceId} is not valid.`);
    return node;
  };

  return {
    CreateActivation(input) {
      const request = parseInput(createInput, input);
      const expiresAtMs = request.ExpirationDate === undefined ? now() + DAY_MS : request.ExpirationDate * 1000;
      if (expiresAtMs <= now() || expiresAtMs > now() + LONGEST_DAYS * DAY_MS) {
        throw new AwsError('ValidationException', `The expiration date has to be in the future, and at most ${LONGEST_DAYS} days away.`);
      }
      const { activationId, activationCode } = activations.create({
        iamRole: request.IamRole,
        description: request.Description,
        defaultInstanceName: request.DefaultInstanceName,
        registrationLimit: request.RegistrationLimit,
        expiresAtMs,
        tags: request.Tags,
      });
      return { ActivationId: activationId, ActivationCode: activationCode };
    },
    DeleteActivation(input) {
      activations.delete(parseInput(z.object({ ActivationId: z.string() }), input).ActivationId);
      return {};
    },
    DescribeActivations(input) {
      const { Filters, MaxResults, NextToken } = parseInput(describeInput, input);
      const value = (activation: Activation, key: (typeof Filters)[number]['FilterKey']): string =>
        ({ ActivationIds: activation.activationId, DefaultInstanceName: activation.defaultInstanceName, IamRole: activation.iamRole })[key];
      const found = activations
        .list()
        .filter((each) => Filters.every(({ FilterKey, FilterValues }) => FilterValues.includes(value(each, FilterKey))));
      const { items, nextToken } = page(found, NextToken, MaxResults);
      return { ActivationList: items.map((activation) => describe(activation, activations.isExpired(activation))), ...nextToken };
    },
    DeregisterManagedInstance(input) {
      activations.deregister(parseInput(z.object({ InstanceId: z.string() }), input).InstanceId);
      return {};
    },
    AddTagsToResource(input) {
      const request = parseInput(z.object({ ...resource, Tags: tagsByKey }), input);
      const node = nodeOf(request);
      node.tags = { ...node.tags, ...request.Tags };
      return {};
    },
    RemoveTagsFromResource(input) {
      const request = parseInput(z.object({ ...resource, TagKeys: z.array(z.string()) }), input);
      const node = nodeOf(request);
      node.tags = Object.fromEntries(Object.entries(node.tags).filter(([key]) => !request.TagKeys.includes(key)));
      return {};
    },
    ListTagsForResource(input) {
      return { TagList: tagList(nodeOf(parseInput(z.object(resource), input)).tags) };
    },
  };
}

function describe(activation: Activation, expired: boolean): object {
  return {
    ActivationId: activation.activationId,
    Description: activation.description,
    DefaultInstanceName: activation.defaultInstanceName,
    IamRole: activation.iamRole,
    RegistrationLimit: activation.registrationLimit,
    RegistrationsCount: activation.registrations,
    ExpirationDate: timestamp(activation.expiresAtMs),
    Expired: expired,
    CreatedDate: timestamp(activation.createdAtMs),
    Tags: tagList(activation.tags),
  };
}
