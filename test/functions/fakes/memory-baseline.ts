import type { DialectShares } from '../../../functions/records/dialect-shares.ts';
import type { TtlBaseline } from '../../../functions/records/ttl-baseline.ts';
import type { BeginPorts } from '../../../functions/sweep/begin/sample-units.ts';

/** What sweeps leave for the next one, in memory; a sweep with another `version` does not take its baseline for its own. */
export function memoryBaseline(version = '1'): Pick<BeginPorts, 'baseline' | 'shares' | 'saveShares' | 'version'> {
  let baseline: TtlBaseline | undefined;
  let shares: DialectShares | undefined;
  return {
    version,
    baseline: {
      get: async () => structuredClone(baseline),
      put: async (given) => {
        baseline = structuredClone(given);
      },
    },
    shares: async () => structuredClone(shares),
    saveShares: async (given) => {
      shares = structuredClone(given);
    },
  };
}
