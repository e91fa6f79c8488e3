/** How the gateway's own services reach the emulator's: events, topics, functions, launch templates, objects. */
import { DescribeLaunchTemplateVersionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { CLIENT_OPTIONS } from '../functions/shared/client-options.ts';
import type { LaunchTemplateLookup } from './auto-scaling/machines.ts';
import { LOCAL_CREDENTIALS } from './local-account.ts';
import type { EventBus, FunctionInvoker, TopicPublisher } from './ports.ts';

export interface EmulatorPorts {
  readonly events: EventBus;
  readonly topics: TopicPublisher;
  readonly functions: FunctionInvoker;
  readonly launchTemplate: LaunchTemplateLookup;
  /** Reads `https://BUCKET.s3.REGION.amazonaws.com/KEY`, as aws:downloadContent does. */
  fetchObject(url: string): Promise<Buffer>;
  close(): void;
}

/**
 * @param eventToken marks events of ours, so that the emulator lets their aws.* sources through
 * @param objectsUrl where an SSM agent reads objects: as everybody else, from the gateway
 */
export function createEmulatorPorts(emulatorUrl: string, region: string, eventToken: string, objectsUrl = emulatorUrl): EmulatorPorts {
  const config = { endpoint: emulatorUrl, region, credentials: LOCAL_CREDENTIALS, ...CLIENT_OPTIONS };
  const eventBridge = new EventBridgeClient(config);
  const sns = new SNSClient(config);
  const lambda = new LambdaClient(config);
  const ec2 = new EC2Client(config);
  const s3 = new S3Client({ ...config, endpoint: objectsUrl, forcePathStyle: true });
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
        tags: Object.fromEntries(tags.map((tag) => [tag.Key as string, tag.Value ?? ''])),
      };
    },
    fetchObject: async (url) => {
      const { hostname, pathname } = new URL(url);
      const bucket = /^(.+)\.s3[.-][a-z0-9-]+\.amazonaws\.com$/.exec(hostname)?.[1];
      if (!bucket) throw new Error(`${url} is not an object's URL: https://BUCKET.s3.REGION.amazonaws.com/KEY`);
      const reply = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: decodeURIComponent(pathname.slice(1)) }));
      return Buffer.from((await reply.Body?.transformToByteArray()) ?? []);
    },
    close: () => {
      for (const client of [eventBridge, sns, lambda, ec2, s3]) client.destroy();
    },
  };
}
