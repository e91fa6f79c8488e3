import { counted } from '../../shared/texts.ts';
import type { DeployContext } from '../contract/common.ts';

/**
 * Why a deploy that waits for sessions cannot stop after its first targets; undefined where it does not. While it waited, users would get
 * new sessions on servers of both releases, each in one server's memory, and a rejection would have to wait for those as well.
 */
export const unfitPause = ({ pauseAfter }: Pick<DeployContext, 'pauseAfter'>): string | undefined =>
  pauseAfter === undefined
    ? undefined
    : `--pause-after ${pauseAfter} is not possible in a fleet whose deploys wait for the sessions in a server's memory: a rejection would have to wait for those of ${counted(pauseAfter, 'server')} with the new release. Deploy without it, or set deploy.sessionDrainSeconds to 0 once no deploy runs. Nothing was changed`;
