import { Stack } from 'aws-cdk-lib';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { ENV, membersText } from '../../../functions/deploy/contract/environment.ts';
import type { DocumentNames } from '../../../functions/instance/document-contract.ts';
import { INSTANCE_ENV } from '../../../functions/instance/environment.ts';
import type { ExistingMember } from '../../../functions/shared/aws/target-group.ts';
import {
  autoScalingGroupName,
  bundleDocumentName,
  FLEET_TAG,
  fleetTagValue,
  prepareDocumentName,
  releasesBucketName,
} from '../../../functions/shared/naming.ts';
import { bundleContent, prepareContent } from '../../../server/documents/deploy-documents.ts';
import { isBundleFleet } from '../../config/app-kind.ts';
import { isAdopted } from '../../config/fleet.ts';
import type { FleetConfig, NamedFleet } from '../../config.ts';
import { acknowledge, TAGGED_INSTANCES, wildcard } from '../acknowledge.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';

/** Members that the configuration lists; none of an Auto Scaling group. */
export const listedMembers = ({ members, existing = {} }: FleetConfig): readonly ExistingMember[] =>
  members === 'instances'
    ? (existing.instanceIds ?? []).map((instanceId) => ({ instanceId }))
    : (existing.nodes ?? []).map(({ nodeId, ip, port, availabilityZone }) => ({
        instanceId: nodeId,
        target: { id: ip, port, ...(availabilityZone && { availabilityZone }) },
      }));

export interface Members {
  /** Absent for existing instances and addresses: Auto Scaling does not launch or terminate them. */
  readonly autoScalingGroupName?: string | undefined;
  /** The functions' environment that identifies the members. */
  readonly environment: Readonly<Record<string, string>>;
  /** The instances that functions may send commands to: all with the tag, or each by its ARN. */
  readonly tag?: { readonly key: string; readonly value: string } | undefined;
  readonly arns?: readonly string[] | undefined;
  /** SSM document that prepares an existing server. Absent for created servers, which their user data prepares. */
  readonly prepareDocument?: string | undefined;
  /** Of a fleet of CodeDeploy bundles: its own document in the place of the installation's install-release. */
  readonly installDocument?: string | undefined;
}

/** Auto Scaling adds this tag to every instance that it launches. @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html */
const GROUP_TAG = 'aws:autoscaling:groupName';

/** @param userData of a created server; existing servers run the same by the prepare document */
export function membersOf(scope: Construct, named: NamedFleet, userData: string): Members {
  const { config, fleetName, fleet } = named;
  const { installation } = config;
  const prepareDocument = isAdopted(fleet) ? createPrepareDocument(scope, named, userData) : undefined;
  const installDocument = isBundleFleet(fleet) ? createInstallDocument(scope, named) : undefined;
  const { existing = {} } = fleet;
  const group = existing.autoScalingGroupName;
  if (fleet.members === 'autoScalingGroup') {
    const name = group ?? autoScalingGroupName(installation, fleetName);
    return {
      autoScalingGroupName: name,
      environment: { [ENV.autoScalingGroupName]: name },
      tag: group ? { key: GROUP_TAG, value: name } : { key: FLEET_TAG, value: fleetTagValue(installation, fleetName) },
      prepareDocument,
      installDocument,
    };
  }
  const members = listedMembers(fleet);
  const stack = Stack.of(scope);
  return {
    environment: { [ENV.members]: membersText(members) },
    arns: members.map(({ instanceId }) =>
      instanceId.startsWith('mi-')
        ? stack.formatArn({ service: 'ssm', resource: 'managed-instance', resourceName: instanceId })
        : stack.formatArn({ service: 'ec2', resource: 'instance', resourceName: instanceId }),
    ),
    prepareDocument,
    installDocument,
  };
}

/** The document that does to an existing server what user data does to a new one. @returns its name */
function createPrepareDocument(scope: Construct, { config, fleetName }: NamedFleet, userData: string): string {
  const name = prepareDocumentName(config.installation, fleetName);
  new CfnDocument(scope, 'PrepareDocument', {
    name,
    documentType: 'Command',
    documentFormat: 'JSON',
    // Any type of target: an on-premises managed node is not an EC2 instance.
    targetType: '/',
    updateMethod: 'NewVersion',
    content: prepareContent(userData),
  });
  return name;
}

/**
 * It alone lets a bundle's scripts be root on the servers: neither a release nor its record can.
 * @returns its name
 */
function createInstallDocument(scope: Construct, { config, fleetName }: NamedFleet): string {
  const name = bundleDocumentName(config.installation, fleetName);
  const { account, region } = Stack.of(scope);
  new CfnDocument(scope, 'InstallDocument', {
    name,
    documentType: 'Command',
    documentFormat: 'JSON',
    targetType: '/',
    updateMethod: 'NewVersion',
    content: bundleContent(releasesBucketName(config.installation, account, region), fleetName),
  });
  return name;
}

/** The documents of the installation that the members' commands run, with the fleet's own in their place. */
export const documentsOf = <T extends Partial<Record<'install', string>>>(
  documents: T,
  { installDocument }: Pick<Members, 'installDocument'>,
): T => (installDocument === undefined || documents.install === undefined ? documents : { ...documents, install: installDocument });

/** Environment of a function that runs documents on the members: the documents' names. */
export const documentEnvironment = (
  { waitIdle, install, observe, stageAssets }: Omit<DocumentNames, 'prepare'>,
  { prepareDocument }: Pick<Members, 'prepareDocument'> = {},
): Record<string, string> => ({
  [INSTANCE_ENV.waitIdleDocument]: waitIdle,
  [INSTANCE_ENV.installDocument]: install,
  [INSTANCE_ENV.observeDocument]: observe,
  ...(stageAssets && { [INSTANCE_ENV.stageAssetsDocument]: stageAssets }),
  ...(prepareDocument && { [INSTANCE_ENV.prepareDocument]: prepareDocument }),
});

export function allowDocuments(fn: HoldfastFunction, { prepareDocument }: Members, documents: readonly string[]): void {
  fn.allow(['ssm:DescribeDocument'], documentArns(fn, prepareDocument ? [...documents, prepareDocument] : documents));
}

const documentArns = (fn: HoldfastFunction, names: readonly string[]): string[] =>
  names.map((name) => Stack.of(fn).formatArn({ service: 'ssm', resource: 'document', resourceName: name }));

/**
 * Lets a function run documents on the members, and on nothing else.
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command-setting-up.html
 */
export function allowCommands(fn: HoldfastFunction, { tag, arns, prepareDocument }: Members, documents: readonly string[]): void {
  const stack = Stack.of(fn);
  const names = prepareDocument ? [...documents, prepareDocument] : documents;
  fn.allow(['ssm:SendCommand'], documentArns(fn, names));
  if (tag) {
    fn.allow(['ssm:SendCommand'], [stack.formatArn({ service: 'ec2', resource: 'instance', resourceName: '*' })], {
      StringEquals: { [`ssm:resourceTag/${tag.key}`]: tag.value },
    });
    acknowledge(fn, { [wildcard(stack, 'ec2', 'instance/*')]: TAGGED_INSTANCES });
  }
  if (arns) fn.allow(['ssm:SendCommand'], [...arns]);
}
