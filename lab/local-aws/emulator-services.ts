/** The emulator's services for the gateway's own: events, topics, functions, launch templates, subnets, security groups, endpoints. */
import { DescribeLaunchTemplateVersionsCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { LaunchTemplateLookup } from './auto-scaling/machines.ts';
import { securityGroupsOf } from './ec2/emulator-security-groups.ts';
import type { SubnetLookup } from './ec2/instance-resource.ts';
import type { SecurityGroups } from './ec2/security-group-rules.ts';
import { type VpcEndpoints, vpcEndpointsOf } from './ec2/vpc-endpoint-resource.ts';
import { type EmulatorAccess, emulatorClientOptions } from './emulator/emulator-access.ts';
import type { EventBus, FunctionInvoker, TopicPublisher } from './interfaces.ts';

export interface EmulatorServices {
  readonly events: EventBus;
  readonly topics: TopicPublisher;
  readonly functions: FunctionInvoker;
  readonly launchTemplate: LaunchTemplateLookup;
  readonly subnet: SubnetLookup;
  readonly securityGroups: SecurityGroups;
  readonly vpcEndpoints: VpcEndpoints;
  close(): void;
}

/** @param eventToken marks our events, so that the emulator accepts their aws.* sources */
export function createEmulatorServices(emulator: EmulatorAccess, eventToken: string): EmulatorServices {
  const config = emulatorClientOptions(emulator);
  const eventBridge = new EventBridgeClient(config);
  const sns = new SNSClient(config);
  const lambda = new LambdaClient(config);
  const ec2 = new EC2Client(config);
  return {
    events: {
      put: async ({ source, detailType, resources, detail }) => {
        const reply = await eventBridge.send(
          new PutEventsCommand({
            Entries: [
              {
                Source: source,
                DetailType: detailType,
                Resources: [...resources],
                Detail: JSON.stringify(detail),
                TraceHeader: eventToken,
              },
            ],
          }),
        );
        if (reply.FailedEntryCount) throw new Error(`the event ${detailType} was refused: ${reply.Entries?.[0]?.ErrorMessage}`);
      },
    },
    topics: {
      publish: async (topicArn, subject, message) => {
        await sns.send(new PublishCommand({ TopicArn: topicArn, Subject: subject.slice(0, 100), Message: message }));
      },
    },
    functions: {
      invokeAsync: async (functionArn, payload) => {
        await lambda.send(
          new InvokeCommand({ FunctionName: functionArn, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(payload)) }),
        );
      },
    },
    launchTemplate: async (idOrName, version) => {
      const reply = await ec2.send(
        new DescribeLaunchTemplateVersionsCommand({
          ...(idOrName.startsWith('lt-') ? { LaunchTemplateId: idOrName } : { LaunchTemplateName: idOrName }),
          Versions: [version],
        }),
      );
      const data = reply.LaunchTemplateVersions?.[0]?.LaunchTemplateData;
      if (!data) throw new Error(`launch template ${idOrName} has no version ${version}`);
      const tags = data.TagSpecifications?.find((specification) => specification.ResourceType === 'instance')?.Tags ?? [];
      return {
        userData: data.UserData ?? '',
        imageId: data.ImageId ?? '',
        instanceType: data.InstanceType ?? '',
        instanceProfile: data.IamInstanceProfile?.Arn ?? data.IamInstanceProfile?.Name,
        securityGroupIds: [...(data.SecurityGroupIds ?? []), ...(data.NetworkInterfaces ?? []).flatMap(({ Groups = [] }) => Groups)],
        tags: Object.fromEntries(tags.map((tag) => [tag.Key as string, tag.Value ?? ''])),
      };
    },
    subnet: async (subnetId) => {
      const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'subnet-id', Values: [subnetId] }] }));
      const found = Subnets?.[0];
      return found && { availabilityZone: found.AvailabilityZone ?? '', vpcId: found.VpcId ?? '' };
    },
    securityGroups: securityGroupsOf(ec2),
    vpcEndpoints: vpcEndpointsOf(ec2),
    close: () => {
      for (const client of [eventBridge, sns, lambda, ec2]) client.destroy();
    },
  };
}
