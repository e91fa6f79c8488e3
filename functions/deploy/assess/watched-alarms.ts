/** Which alarms a deploy watches, and which of them stop it. Pure. */
import { placeOf } from '../../shared/command-options.ts';
import { peopleAlarmNames, storeAlarmNames } from '../../shared/naming.ts';
import type { DeployContext } from '../contract/common.ts';
import type { AlarmStates } from './judge-settle.ts';

export interface WatchedAlarms {
  readonly stopping: readonly string[];
  /** A warning of the deploy: the store's, which other fleets and the store itself put into ALARM, and those of people that the deploy is not stopped for. */
  readonly reported: readonly string[];
}

type WatchingDeploy = Pick<DeployContext, 'executionArn' | 'fleet' | 'expect'> & {
  readonly settings: Pick<DeployContext['settings'], 'alarmNames'> & Partial<Pick<DeployContext['settings'], 'onPeople'>>;
};

/**
 * @param atStart the alarms as the deploy found them: of those that every installation has it watches the ones that exist, which an
 * upgrade in mid-deploy does not change
 */
export function watchedAlarms({ executionArn, fleet, expect, settings }: WatchingDeploy, atStart?: AlarmStates): WatchedAlarms {
  const { installation } = placeOf(executionArn, fleet);
  // A dry run is no execution: it does not know the installation.
  const existing = (names: readonly string[]) =>
    names.filter(
      (name) => installation !== '' && !settings.alarmNames.includes(name) && (atStart === undefined || atStart[name] !== undefined),
    );
  const people = existing(peopleAlarmNames(installation, fleet));
  const store = existing(storeAlarmNames(installation));
  const stops = settings.onPeople !== 'report' && expect !== 'turned-away';
  return stops
    ? { stopping: [...settings.alarmNames, ...people], reported: store }
    : { stopping: settings.alarmNames, reported: [...people, ...store] };
}

/** Every alarm whose state a deploy notes before it begins. */
export const notedAlarms = (deploy: WatchingDeploy): readonly string[] => Object.values(watchedAlarms(deploy)).flat();
