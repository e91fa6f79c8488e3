/** What operators state in requests that change a running deploy. */
import { holdfast, OWN_OPTIONS } from '../../shared/command-options.ts';
import * as z from '../../shared/schema.ts';
import { type InvalidRequest, refuseInvalid, statedName } from '../../shared/stated-request.ts';

/** What a caller states of a deploy of the function's fleet. */
export const deployStatement = z.strictObject({
  deployId: z.matching(/^[A-Za-z0-9_-]{1,80}$/),
  requestedBy: statedName,
});

export const UNCHANGED = 'Nothing was changed.';

/** @param command `end-drain` */
export const refuseInvalidFor = (command: string): InvalidRequest =>
  refuseInvalid(UNCHANGED, `Run "${holdfast(`deploys ${command} ID ${OWN_OPTIONS}`)}".`);
