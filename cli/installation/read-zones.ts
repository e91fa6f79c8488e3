import { DescribeAvailabilityZonesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { aboutResource, type Lookup, lookUp } from '../doctor/lookup.ts';
import { awsClientOptions } from '../proxy.ts';

/** Longer than a sign-in by a program takes: the command goes on without the zones then. */
const LIMIT_MS = 10_000;

/**
 * Letters of the zones that the caller's account can use in a Region, in their order. A Region's letters differ by account. Local and
 * Wavelength Zones are none: an ElastiCache group and a load balancer of a Region are not in them.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html
 */
export function readZones(ec2: EC2Client, region: string, limitMs?: number): Promise<Lookup<readonly string[]>> {
  const subject = aboutResource('zones of', region, 'ec2:DescribeAvailabilityZones');
  return lookUp(
    subject,
    async () => {
      const Filters = [{ Name: 'zone-type', Values: ['availability-zone'] }];
      const { AvailabilityZones = [] } = await ec2.send(new DescribeAvailabilityZonesCommand({ Filters }));
      const usable = AvailabilityZones.filter(({ ZoneType, State }) => ZoneType === 'availability-zone' && State !== 'unavailable');
      const letters = usable.flatMap(({ ZoneName = '' }) => (ZoneName.startsWith(region) ? ZoneName.slice(region.length) : []));
      return letters.toSorted();
    },
    limitMs,
  );
}

/** The zones of the account whose credentials the command has. */
export async function zonesOfAccount(region: string): Promise<Lookup<readonly string[]>> {
  const ec2 = new EC2Client({ region, ...awsClientOptions(process.env) });
  try {
    return await readZones(ec2, region, LIMIT_MS);
  } finally {
    ec2.destroy();
  }
}
