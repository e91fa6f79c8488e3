/** Refuses a Region that does not exist, by its name in DNS, before anything is called: a list alone would refuse each Region that AWS adds. */
import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { domainOf, KNOWN_REGIONS } from '../functions/shared/aws/partition.ts';
import { badInput, didYouMean } from './failure.ts';
import { proxyHint } from './proxy.ts';

/** Rejects for a name that does not exist. */
export type Resolve = (host: string) => Promise<unknown>;

const LOOKUP_MS = 5_000;

/**
 * Passes a known Region, one whose address exists, and one of which nothing is known within five seconds. Behind a proxy the names of AWS
 * may exist for the proxy alone.
 * @throws CommandFailure InvalidRegion
 */
export async function requireRegion(region: string, resolve: Resolve = lookup, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  if (KNOWN_REGIONS.includes(region) || proxyHint(env, process.versions.node) !== undefined) return;
  const host = `sts.${region}.${domainOf(region)}`;
  try {
    await Promise.race([resolve(host), sleep(LOOKUP_MS, undefined, { ref: false })]);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    throw badInput(
      'InvalidRegion',
      `There is no AWS Region ${region}: this version of Holdfast does not know it, and it has no address (${host}: ${reason}).${didYouMean(region, KNOWN_REGIONS)} Nothing was called. Correct the Region.`,
      { cause },
    );
  }
}
