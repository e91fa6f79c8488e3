import { blindDrainSeconds } from '../../instance/drain-times.ts';
import type { DrainSettings } from '../../instance/settings.ts';
import type { AppContract } from '../../shared/app-contract.ts';
import { isMultiplexed } from '../../shared/aws/target-group.ts';
import { counted } from '../../shared/counted.ts';
import { durationText } from '../../shared/times.ts';
import { NO_RELEASE, UNKNOWN_RELEASE } from '../../shared/version.ts';

export interface DrainsAhead {
  /** Releases of the servers that are rolled, one entry per server. */
  readonly versions: readonly string[];
  /** Contracts of the releases that are on record. */
  readonly contracts: ReadonlyMap<string, Pick<AppContract, 'inFlight' | 'requests'>>;
  /** The target group's. */
  readonly protocolVersion: string | undefined;
  readonly settings: Pick<DrainSettings, 'drainSignal' | 'deregistrationDelaySeconds' | 'drainFloorSeconds'>;
}

/** Whether the application itself counts its requests, so that a drain sees them. */
export const offersCounts = (app: Pick<AppContract, 'inFlight' | 'requests'> | undefined): boolean =>
  app?.inFlight !== undefined && app.requests !== undefined;

/**
 * One sentence for drains that will be blind, with how long they take and what to do; undefined when requests will be seen. Whether
 * the kernel shows a server's connections only the drain itself finds out.
 */
export function warnOfBlindDrains({ versions, contracts, protocolVersion, settings }: DrainsAhead): string | undefined {
  const { drainSignal, deregistrationDelaySeconds } = settings;
  const drained = versions.filter((version) => version !== NO_RELEASE);
  const blind = drainSignal === 'blind' ? drained : drained.filter((version) => !offersCounts(contracts.get(version)));
  const needsCounts = drainSignal === 'counts' || isMultiplexed(protocolVersion);
  if (blind.length === 0 || (drainSignal !== 'blind' && !needsCounts)) return undefined;
  const [first = ''] = blind;
  const noCounts = `${first === UNKNOWN_RELEASE ? 'a server without a release on record' : `release ${first}`} has no inFlight and requests probes`;
  const [why, advice] =
    drainSignal === 'blind'
      ? ['drainSignal is "blind"', 'Leave drainSignal out, and a drain ends when its requests have ended']
      : isMultiplexed(protocolVersion)
        ? [
            `the target group has protocol version ${protocolVersion}, of which only the application can count requests, and ${noCounts}`,
            'Add these probes to holdfast.app.json',
          ]
        : [`drainSignal is "counts", and ${noCounts}`, 'Add these probes to holdfast.app.json, or leave drainSignal out'];
  const each = blindDrainSeconds(settings);
  const servers = counted(blind.length, 'server');
  return `The drain of ${servers} will be blind, and take ${each} s per server (${durationText(each * blind.length * 1000)} in all): ${why}. Requests that take longer than ${deregistrationDelaySeconds} s are cut. ${advice}.`;
}
