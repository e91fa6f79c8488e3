/** What operators state in requests that change a running deploy. */
import type { SignedCommand } from '../../shared/caller/verify-request.ts';
import { holdfast, OWN_OPTIONS } from '../../shared/command-options.ts';
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

export const UNCHANGED = 'Nothing was changed.';

/** The requests of one of these commands, `end-drain`. */
export const requestOf = <Statement extends DeployStatement>(
  statement: SignedCommand<Statement>['statement'],
  command: string,
  refused: SignedCommand<Statement>['refused'],
): SignedCommand<Statement> => ({
  statement,
  unchanged: UNCHANGED,
  instead: `Run "${holdfast(`deploys ${command} ID ${OWN_OPTIONS}`)}".`,
  refused,
  logged: ({ deployId }) => ({ deployId }),
});
