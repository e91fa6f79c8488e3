/** The topic that every alarm of an installation notifies, and how somebody subscribes to it. */
import { regionalArn } from '../../functions/shared/aws/partition.ts';
import { alarmsTopicName } from '../../functions/shared/naming.ts';

interface Installed {
  readonly installation: string;
  readonly account: string;
  readonly region: string;
}

export const alarmsTopicArn = (installed: Installed): string => regionalArn('sns', installed, alarmsTopicName(installed.installation));

/** @param installed with the options of the AWS CLI that reach its cloud */
export const subscribeCommand = (installed: Installed & { readonly awsOptions: string }): string =>
  `aws sns subscribe ${installed.awsOptions} --topic-arn ${alarmsTopicArn(installed)} --protocol email --notification-endpoint you@example.com`;
