/** Reads the settings of a group from API input or CloudFormation properties, and puts them into its state. */
import { z } from 'zod';
import { flag, list, requiredText, whole } from '../service/parse-input.ts';
import { AwsError } from '../service/service.ts';
import { RETAINED_METRIC } from './group-metrics.ts';
import type { Group } from './group-state.ts';

const launchTemplate = z.object({
  LaunchTemplateId: requiredText.optional(),
  LaunchTemplateName: requiredText.optional(),
  Version: requiredText.optional(),
});

/** CloudFormation's; the API has EnableMetricsCollection. Without names every metric is collected. */
const collection = z.object({ Granularity: z.literal('1Minute'), Metrics: list(requiredText).optional() });

export const groupSettings = z.object({
  MinSize: whole(0).optional(),
  MaxSize: whole(0).optional(),
  DesiredCapacity: whole(0).optional(),
  DefaultCooldown: whole().optional(),
  LaunchTemplate: launchTemplate.optional(),
  MixedInstancesPolicy: z.object({ LaunchTemplate: z.object({ LaunchTemplateSpecification: launchTemplate }) }).optional(),
  LaunchConfigurationName: z.string().optional(),
  AvailabilityZones: list(requiredText).optional(),
  /** A list in CloudFormation, comma-separated in the API. */
  VPCZoneIdentifier: z.union([z.string(), z.array(requiredText).transform((ids) => ids.join(','))]).optional(),
  TargetGroupARNs: list(requiredText).optional(),
  HealthCheckType: requiredText.optional(),
  HealthCheckGracePeriod: whole(0).optional(),
  NewInstancesProtectedFromScaleIn: flag.optional(),
  TerminationPolicies: list(requiredText).optional(),
  ServiceLinkedRoleARN: requiredText.optional(),
  MetricsCollection: z.array(collection).optional(),
  InstanceLifecyclePolicy: z
    .object({ RetentionTriggers: z.object({ TerminateHookAbandon: z.enum(['retain', 'terminate']).optional() }).optional() })
    .optional(),
});
export type GroupSettings = z.output<typeof groupSettings>;

/** The zone of a subnet; undefined when it is unknown. */
export type ZoneLookup = (subnetId: string) => string | undefined;

/** @throws AwsError ValidationError when sizes contradict each other, or what or where to launch is missing */
export function applySettings(group: Group, settings: GroupSettings, region: string, zoneOf: ZoneLookup): void {
  const minSize = settings.MinSize ?? group.minSize;
  const maxSize = settings.MaxSize ?? group.maxSize;
  if (minSize > maxSize) {
    throw new AwsError('ValidationError', `Max bound, ${maxSize}, must be greater than or equal to min bound, ${minSize}`);
  }
  if (settings.DesiredCapacity !== undefined) checkDesired(settings.DesiredCapacity, minSize, maxSize);
  if (settings.LaunchConfigurationName) {
    throw new AwsError('ValidationError', 'Launch configurations are not emulated locally: use a launch template.');
  }
  const template = settings.LaunchTemplate ?? settings.MixedInstancesPolicy?.LaunchTemplate.LaunchTemplateSpecification;
  if (template !== undefined) {
    if ((template.LaunchTemplateId === undefined) === (template.LaunchTemplateName === undefined)) {
      throw new AwsError('ValidationError', 'Valid requests must contain either launchTemplateId or LaunchTemplateName');
    }
    group.launchTemplate = { id: template.LaunchTemplateId, name: template.LaunchTemplateName, version: template.Version ?? '$Default' };
  }
  group.minSize = minSize;
  group.maxSize = maxSize;
  // A changed bound moves the desired capacity along, as UpdateAutoScalingGroup documents.
  group.desired = settings.DesiredCapacity ?? Math.min(Math.max(group.desired, minSize), maxSize);
  group.defaultCooldownSeconds = settings.DefaultCooldown ?? group.defaultCooldownSeconds;
  group.healthCheckType = settings.HealthCheckType ?? group.healthCheckType;
  group.healthCheckGracePeriodSeconds = settings.HealthCheckGracePeriod ?? group.healthCheckGracePeriodSeconds;
  group.newInstancesProtected = settings.NewInstancesProtectedFromScaleIn ?? group.newInstancesProtected;
  group.terminationPolicies = settings.TerminationPolicies ?? group.terminationPolicies;
  group.serviceLinkedRoleArn = settings.ServiceLinkedRoleARN ?? group.serviceLinkedRoleArn;
  if (settings.MetricsCollection !== undefined)
    group.collectedMetrics = new Set(settings.MetricsCollection.flatMap(({ Metrics = [RETAINED_METRIC] }) => Metrics));
  const onAbandon = settings.InstanceLifecyclePolicy?.RetentionTriggers?.TerminateHookAbandon;
  if (onAbandon !== undefined) group.retainsAbandoned = onAbandon === 'retain';
  if (settings.VPCZoneIdentifier !== undefined) {
    group.vpcZoneIdentifier = settings.VPCZoneIdentifier;
    group.availabilityZones = zonesOf(settings.VPCZoneIdentifier, region, zoneOf);
  }
  if (settings.AvailabilityZones !== undefined && settings.AvailabilityZones.length > 0)
    group.availabilityZones = settings.AvailabilityZones;
}

export function checkDesired(desired: number, minSize: number, maxSize: number): void {
  if (desired > maxSize) {
    throw new AwsError(
      'ValidationError',
      `New SetDesiredCapacity value ${desired} is above max value ${maxSize} for the AutoScalingGroup.`,
    );
  }
  if (desired < minSize) {
    throw new AwsError(
      'ValidationError',
      `New SetDesiredCapacity value ${desired} is below min value ${minSize} for the AutoScalingGroup.`,
    );
  }
}

/** A subnet whose zone is unknown gets a zone by its position in the list. */
function zonesOf(vpcZoneIdentifier: string, region: string, zoneOf: ZoneLookup): string[] {
  const subnets = vpcZoneIdentifier
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  return [...new Set(subnets.map((id, index) => zoneOf(id) ?? `${region}${'abcdef'[index % 6]}`))];
}
