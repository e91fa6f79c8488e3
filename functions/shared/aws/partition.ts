/** Partitions of AWS: the first part of every ARN, and the domain of every endpoint, follow from the Region. */

interface Partition {
  /** Its Regions' names begin so. */
  readonly regions: string;
  /** Second part of its ARNs. */
  readonly partition: string;
  readonly domain: string;
}

const DEFAULT: Partition = { regions: '', partition: 'aws', domain: 'amazonaws.com' };
/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
const OTHERS: readonly Partition[] = [
  { regions: 'cn-', partition: 'aws-cn', domain: 'amazonaws.com.cn' },
  { regions: 'us-gov-', partition: 'aws-us-gov', domain: 'amazonaws.com' },
  { regions: 'eusc-', partition: 'aws-eusc', domain: 'amazonaws.eu' },
  { regions: 'us-iso-', partition: 'aws-iso', domain: 'c2s.ic.gov' },
  { regions: 'us-isob-', partition: 'aws-iso-b', domain: 'sc2s.sgov.gov' },
  { regions: 'us-isof-', partition: 'aws-iso-f', domain: 'csp.hci.ic.gov' },
  { regions: 'eu-isoe-', partition: 'aws-iso-e', domain: 'cloud.adc-e.uk' },
];

const ofRegion = (region: string): Partition => OTHERS.find(({ regions }) => region.startsWith(regions)) ?? DEFAULT;

/** `aws`, `aws-cn`, `aws-us-gov`, … */
export const partitionOf = (region: string): string => ofRegion(region).partition;

/** Domain of the endpoints in a Region: `amazonaws.com`, `amazonaws.com.cn`, … */
export const domainOf = (region: string): string => ofRegion(region).domain;

/** Each domain once. */
export const DOMAINS: readonly string[] = [...new Set([DEFAULT, ...OTHERS].map(({ domain }) => domain))];

/** An ARN of a resource with a Region and an account. @param resource `stateMachine:NAME` */
export const regionalArn = (
  service: string,
  { region, account }: { readonly region: string; readonly account: string },
  resource: string,
) => `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`;

/** A Region's name: `eu-west-1`, `us-gov-east-1`, `ap-southeast-3`, `eusc-de-east-1`. */
export const REGION_PATTERN = '^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}$';
