/** Names of EC2 instance types and ElastiCache node types: one that cannot exist is refused before it is deployed. */
import { z } from 'zod';
import { didYouMean } from '../../functions/shared/did-you-mean.ts';

const SIZE = '(nano|micro|small|medium|large|xlarge|[0-9]{1,3}xlarge|metal(-[0-9]{1,2}xl)?)';
/** AWS adds families all the time, so they are no list: these are suggested. */
const SUGGESTED = ['t3', 't4g', 'm6g', 'm7g', 'm8g', 'c7g', 'c8g', 'r6g', 'r7g', 'r8g'].flatMap((family) =>
  ['micro', 'small', 'medium', 'large', 'xlarge', '2xlarge', '4xlarge'].map((size) => `${family}.${size}`),
);

/** @param prefix what each name begins with: `cache.` */
const machineType = (what: string, prefix = '') =>
  z.string().regex(new RegExp(`^${prefix.replace('.', '\\.')}[a-z][a-z0-9-]*\\.${SIZE}$`), {
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
