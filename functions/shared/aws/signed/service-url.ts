import { type Environment, optional } from '../../environment.ts';
import { domainOf } from '../partition.ts';

/** Services that functions call without an SDK client, by the name in their hosts and signatures, with the SDK's name for settings. */
const SETTING_NAMES = {
  cloudtrail: 'CLOUDTRAIL',
  dynamodb: 'DYNAMODB',
  ec2: 'EC2',
  elasticache: 'ELASTICACHE',
  lambda: 'LAMBDA',
  monitoring: 'CLOUDWATCH',
  s3: 'S3',
  secretsmanager: 'SECRETS_MANAGER',
  sns: 'SNS',
  ssm: 'SSM',
  states: 'SFN',
} as const;
export type SignedService = keyof typeof SETTING_NAMES;

/**
 * Where a service of the Region is called. The environment can name another address, as for the SDK.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function serviceUrl(service: SignedService, region: string, environment: Environment): URL {
  const given = optional(environment, `AWS_ENDPOINT_URL_${SETTING_NAMES[service]}`) ?? optional(environment, 'AWS_ENDPOINT_URL');
  if (given !== undefined) return new URL(given);
  return new URL(`https://${service}.${region}.${domainOf(region)}`);
}
