import type { PeopleKind } from '../../../functions/people/contract.ts';
import type { View } from '../predicates/view.ts';
import type { RunPlan } from './draw-run.ts';

export interface DeployOptions {
  readonly recover?: boolean;
  /** Id of the one server that is restarted. */
  readonly restart?: string;
  /** After so many servers it waits to be continued. */
  readonly pauseAfter?: number;
  readonly expect?: 'turned-away' | 'pages';
}

/** What makes a run's deploy a restart of the first server, with the release that it has, or has it stop after its first servers. */
export const restartOf = ({ restarts, pause, people }: RunPlan, view: View, hurts?: PeopleKind): DeployOptions => ({
  ...(restarts && { restart: view.members()[0]?.instanceId ?? '', recover: false }),
  ...(pause && { pauseAfter: pause.after }),
  ...((people === 'expected' || people === 'misjudged') && {
    expect: (hurts === 'missingParts') === (people === 'expected') ? 'pages' : 'turned-away',
  }),
});
