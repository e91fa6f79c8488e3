/** What operators state in requests that change a running deploy, and how such a request is refused. */
import * as z from '../../shared/schema.ts';
import { FLEET_PATTERN } from '../settings/settings.ts';

/** What a caller states of a deploy, as the JSON text that the proof signs. */
export const deployStatement = z.strictObject({
  /** The installation that the statement is meant for. Every other one refuses it. */
  installation: z.text(0, 64),
  fleet: z.matching(new RegExp(FLEET_PATTERN)),
  deployId: z.matching(/^[A-Za-z0-9_-]{1,80}$/),
});
export type DeployStatement = z.infer<typeof deployStatement>;

export interface RequestRefusal {
  readonly outcome: 'refused';
  readonly error: 'InvalidRequest' | 'UnknownCaller';
  readonly message: string;
}
