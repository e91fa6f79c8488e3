/** Memory of node types. Pure. */

const MIB = 1024 * 1024;

/** `maxmemory` of common node types, in MiB, rounded. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html */
const MAX_MEMORY_MIB: Readonly<Record<string, number>> = {
  'cache.t4g.micro': 512,
  'cache.t4g.small': 1_401,
  'cache.t4g.medium': 3_164,
  'cache.t3.micro': 512,
  'cache.t3.small': 1_401,
  'cache.t3.medium': 3_164,
  'cache.m6g.large': 6_537,
  'cache.m7g.large': 6_537,
  'cache.r6g.large': 13_386,
  'cache.r7g.large': 13_386,
};

/** Types that a group can be scaled to: those with more, and with less memory. */
export function nodeTypesNextTo(nodeType: string): { readonly ScaleUpModifications: string[]; readonly ScaleDownModifications: string[] } {
  const own = MAX_MEMORY_MIB[nodeType] ?? 0;
  const types = (fits: (mib: number) => boolean) => Object.entries(MAX_MEMORY_MIB).flatMap(([type, mib]) => (fits(mib) ? [type] : []));
  return { ScaleUpModifications: types((mib) => mib > own), ScaleDownModifications: types((mib) => mib < own) };
}

/** @returns false when `nodeType` does not have the form of a node type */
export function isNodeType(nodeType: string): boolean {
  return /^cache\.[a-z0-9]+\.[a-z0-9]+$/.test(nodeType);
}

/**
 * How much data a local node may hold: what the node type has, at most `capBytes`, less what is reserved.
 *
 * @param reservedPercent reserved-memory-percent of the parameter group, 0 to 100
 */
export function maxMemoryBytes(nodeType: string, reservedPercent: number, capBytes: number): number {
  const typeBytes = (MAX_MEMORY_MIB[nodeType] ?? Number.POSITIVE_INFINITY) * MIB;
  return Math.floor((Math.min(typeBytes, capBytes) * (100 - reservedPercent)) / 100);
}
