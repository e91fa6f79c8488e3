/** Patterns of AWS's ids and ARNs: an id that was cut short or pasted from elsewhere is rejected before anything is deployed. */
import { didYouMean } from '../../functions/shared/did-you-mean.ts';
import { matching } from './values.ts';

const SIZE = '(nano|micro|small|medium|large|xlarge|[0-9]{1,3}xlarge|metal(-[0-9]{1,2}xl)?)';
/** AWS adds families all the time, so they are no list: these are suggested. */
const SUGGESTED = ['t3', 't4g', 'm6g', 'm7g', 'm8g', 'c7g', 'c8g', 'r6g', 'r7g', 'r8g'].flatMap((family) =>
  ['micro', 'small', 'medium', 'large', 'xlarge', '2xlarge', '4xlarge'].map((size) => `${family}.${size}`),
);

/** @param prefix what each name begins with: `cache.` */
const machineType = (what: string, prefix = '') =>
  matching(new RegExp(`^${prefix.replace('.', '\\.')}[a-z][a-z0-9-]*\\.${SIZE}$`), {
    error: ({ input }) => {
      const suggested = SUGGESTED.map((type) => `${prefix}${type}`);
      const meant = didYouMean(String(input), suggested) || sameTypeOf(String(input), prefix, suggested);
      return `must be ${what}, such as ${prefix}t4g.small.${meant}`;
    },
  });

/** `cache.t4g.small` of an instance, `t4g.small` of a node. */
function sameTypeOf(written: string, prefix: string, suggested: readonly string[]): string {
  const type = `${prefix}${written.replace(/^(cache|db)\./, '')}`;
  return suggested.includes(type) ? ` Did you mean ${type}?` : '';
}

export const instanceType = machineType('an instance type of EC2');
export const nodeType = machineType('a node type of ElastiCache', 'cache.');

/** What the construct can be given where the CDK knows an id only at deployment. A file contains none (config.ts). */
const TOKEN = '\\$\\{Token\\[[^\\]]+\\]\\}';

const resourceId = (prefix: string) =>
  matching(new RegExp(`^(${prefix}-([0-9a-f]{8}|[0-9a-f]{17})|${TOKEN})$`), `must be ${prefix}- followed by 8 or 17 hexadecimal digits`);

export const vpcId = resourceId('vpc');
export const subnetId = resourceId('subnet');
export const securityGroupId = resourceId('sg');
export const instanceId = resourceId('i');
/** An EC2 instance, or an on-premises server that Systems Manager manages. */
export const nodeId = matching(
  /^(i-([0-9a-f]{8}|[0-9a-f]{17})|mi-[0-9a-f]{17})$/,
  'must be an EC2 instance (i-…) or a managed node of Systems Manager (mi-…)',
);

/** @param resource the part after account and colon: `targetgroup/` */
export const arn = (service: string, resource: string) =>
  matching(
    new RegExp(`^arn:aws(-[a-z]+)*:${service}:[a-z0-9-]+:[0-9]{12}:${resource}[A-Za-z0-9/_+=.@!-]+$`),
    `must be an ARN of ${service}:${resource}`,
  );

export const repeated = (values: readonly (string | number)[]): (string | number)[] =>
  values.filter((value, index) => values.indexOf(value) !== index);

export function placeOf(text: string): { readonly region: string; readonly account: string } {
  const [, , , region = '', account = ''] = text.split(':');
  return { region, account };
}
