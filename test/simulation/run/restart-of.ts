import type { View } from '../predicates/view.ts';
import type { RunPlan } from './draw-run.ts';

export interface DeployOptions {
  readonly recover?: boolean;
  /** Id of the one server that is restarted. */
  readonly restart?: string;
}

/** What makes a run's deploy a restart of the first server, with the release that it has. */
export const restartOf = ({ restarts }: RunPlan, view: View): DeployOptions =>
  restarts ? { restart: view.members()[0]?.instanceId ?? '', recover: false } : {};
