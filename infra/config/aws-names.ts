/** Patterns of what AWS names: an id that was cut short or pasted from elsewhere is refused before anything is deployed. */
import { z } from 'zod';

const resourceId = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`), `has to be ${prefix}- and 8 or 17 hexadecimal digits`);

export const vpcId = resourceId('vpc');
export const subnetId = resourceId('subnet');
export const securityGroupId = resourceId('sg');
export const instanceId = resourceId('i');
/** An EC2 instance, or a server of one's own that Systems Manager manages. */
export const nodeId = z
  .string()
  .regex(/^(i-([0-9a-f]{8}|[0-9a-f]{17})|mi-[0-9a-f]{17})$/, 'has to be an instance (i-…) or a managed node of Systems Manager (mi-…)');

/** @param resource what stands after account and colon: `targetgroup/` */
export const arn = (service: string, resource: string) =>
  z
    .string()
    .regex(
      new RegExp(`^arn:aws(-[a-z]+)*:${service}:[a-z0-9-]+:[0-9]{12}:${resource}[A-Za-z0-9/_+=.@!-]+$`),
      `has to be the ARN of ${service}:${resource}`,
    );

/** What two lists of ids hold twice. */
export const repeated = (values: readonly (string | number)[]): (string | number)[] =>
  values.filter((value, index) => values.indexOf(value) !== index);

/** Region and account of an ARN. */
export function placeOf(text: string): { readonly region: string; readonly account: string } {
  const [, , , region = '', account = ''] = text.split(':');
  return { region, account };
}
