import { didYouMean } from '../did-you-mean.ts';

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

/** Regions by the CDK's list; a test compares both. A Region that AWS adds is not refused: it is only not known here. */
export const KNOWN_REGIONS: readonly string[] = (
  'af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ' +
  'ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 cn-north-1 cn-northwest-1 eu-central-1 ' +
  'eu-central-2 eu-isoe-west-1 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 eusc-de-east-1 il-central-1 me-central-1 ' +
  'me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-gov-east-1 us-gov-west-1 us-iso-east-1 us-iso-west-1 us-isob-east-1 ' +
  'us-isob-west-1 us-isof-east-1 us-isof-south-1 us-west-1 us-west-2'
).split(' ');

/** Of a text that cannot be a Region's name. */
export const notARegion = (written: unknown): string =>
  `must be the name of a Region, such as eu-west-1.${typeof written === 'string' ? didYouMean(written, KNOWN_REGIONS) : ''}`;

/** What to say of a name that could be a Region's and that is none of those known here; undefined for one that is. */
export const unknownRegion = (region: string): string | undefined =>
  KNOWN_REGIONS.includes(region)
    ? undefined
    : `Region ${region} is not one that this version of Holdfast knows: a deployment fails unless AWS has added it since.${didYouMean(region, KNOWN_REGIONS)}`;
