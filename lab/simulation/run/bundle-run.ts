/** What a run of a fleet of CodeDeploy bundles has besides. */
import type { BadScript } from '../cloud/bundles.ts';

export interface BundleRun {
  /** The run's deploy takes what servers run for the release. */
  readonly adopts?: 'equal' | 'differences';
  /** Some servers have other files than the release that they run, from before Holdfast. */
  readonly differs: boolean;
  /** The readiness check of what servers run fails, although they serve. */
  readonly isNotReady?: true;
  /** Servers run bundles since before Holdfast. */
  readonly ranBefore: boolean;
  readonly bad: readonly (BadScript & { readonly whose: 'old' | 'new' })[];
  readonly ignoresStopFailures?: true;
  /** A script of the new release takes longer than all else that an install does. */
  readonly slow?: true;
  /** Share of scripts that fail all the same, until all heals. */
  readonly failing?: number;
}

export const describeBundle = ({
  adopts,
  differs,
  isNotReady,
  ranBefore,
  bad,
  ignoresStopFailures,
  slow,
  failing,
}: BundleRun): string[] => [
  `releases are bundles${ranBefore ? ', which servers ran before Holdfast' : ''}${differs ? ', with other files on some' : ''}`,
  ...(isNotReady ? ['the readiness check of what runs fails'] : []),
  ...(adopts ? [`the deploy adopts what runs: ${adopts}`] : []),
  ...bad.map(({ whose, event, ends }) => `${event} of the ${whose} one ${ends}`),
  ...(slow ? ['a script of the new one takes long'] : []),
  ...(ignoresStopFailures ? ['failures of stop scripts are ignored'] : []),
  ...(failing === undefined ? [] : [`scripts fail ${(failing * 100).toFixed(1)} %`]),
];
