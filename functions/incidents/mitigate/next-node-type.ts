/** Sizes of cache nodes in ascending order; each costs about twice the one before. */
const SIZES = ['micro', 'small', 'medium', 'large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge', '24xlarge'];
/** The families that follow one without a larger size, those with much memory first. */
const FAMILIES = ['r7g', 'r6g', 'm7g', 'm6g', 'r5', 'm5'];

const parts = (nodeType: string): readonly [family: string, size: number] => {
  const [, family = '', size = ''] = nodeType.split('.');
  return [family, SIZES.indexOf(size)];
};

/**
 * The smallest step up: the next size of the family, else the smallest larger type of another one.
 * @param allowed as ListAllowedNodeTypeModifications has them
 */
export function nextNodeType(nodeType: string, allowed: readonly string[]): string | undefined {
  const [family, size] = parts(nodeType);
  const larger = allowed.filter((one) => parts(one)[1] > size);
  const rank = (one: string): number => {
    const [itsFamily, itsSize] = parts(one);
    const known = FAMILIES.indexOf(itsFamily);
    return itsFamily === family ? itsSize - 1_000 : itsSize * 10 + (known < 0 ? 9 : known);
  };
  return [...larger].sort((a, b) => rank(a) - rank(b))[0];
}

/** How many times the price of the smaller one: two for each size within a family; unknown between families. */
export function priceFactor(from: string, to: string): number | undefined {
  const [family, size] = parts(from);
  const [other, larger] = parts(to);
  if (family !== other || size < 0 || larger < 0) return undefined;
  return 2 ** (larger - size);
}
