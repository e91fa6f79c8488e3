import type { PeopleKind } from '../../../functions/people/contract.ts';
import type { View } from '../predicates/view.ts';
import type { RunPlan } from './draw-run.ts';

export interface DeployOptions {
  readonly recover?: boolean;
  /** Id of the one server that is restarted. */
  readonly restart?: string;
  readonly restartAll?: true;
  /** After so many servers it waits to be continued. */
  readonly pauseAfter?: number;
  readonly expect?: 'turned-away' | 'pages';
  /** Servers take what they run for the release. */
  readonly adopt?: 'equal' | 'differences';
  readonly ignoreApplicationStopFailures?: true;
}

/** What makes a run's deploy a restart of the first server or of all, with the release that they have, or has it stop after its first servers. */
export const restartOf = ({ restarts, pause, people, bundle }: RunPlan, view: View, hurts?: PeopleKind): DeployOptions => ({
  ...(restarts === 'all' && { restartAll: true }),
  ...(restarts === 'one' && { restart: view.members()[0]?.instanceId ?? '', recover: false }),
  ...(bundle?.adopts && { adopt: bundle.adopts }),
  ...(bundle?.ignoresStopFailures && { ignoreApplicationStopFailures: true }),
  ...(pause && { pauseAfter: pause.after }),
  ...((people === 'expected' || people === 'misjudged') && {
    expect: (hurts === 'missingParts') === (people === 'expected') ? 'pages' : 'turned-away',
  }),
});
