/** Counts that chance draws, quickly also where they are large. */
import type { Random } from '../../situations/world/random.ts';

/** Above this many, the normal distribution is as good. */
const MANY = 40;

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** How often something happened that happens `mean` times on average. */
export function often(random: Random, mean: number): number {
  if (mean <= 0) return 0;
  if (mean > MANY) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}

/** How many of `of` it happened to, each by chance. */
export function some(random: Random, of: number, share: number): number {
  if (of <= 0 || share <= 0) return 0;
  if (share >= 1) return of;
  const spread = of * share * (1 - share);
  if (spread > MANY) return Math.min(of, Math.max(0, Math.round(of * share + Math.sqrt(spread) * normal(random))));
  // Of many to which it hardly ever happens, they are as good as independent.
  if (of > 20 * MANY) return share < 0.5 ? Math.min(of, often(random, of * share)) : of - Math.min(of, often(random, of * (1 - share)));
  let count = 0;
  for (let one = 0; one < of; one += 1) if (random() < share) count += 1;
  return count;
}
