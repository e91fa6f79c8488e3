/** Which server a deploy's session gate tries, and its results in words. Pure. */
import type { GateResult } from '../../gate/contract.ts';
import { restartText } from '../../records/outcome-text.ts';
import type { DeployRecord } from '../../records/types.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import type { DeployContext } from '../contract/common.ts';
import { hasDone } from '../session-cookie/judge-cookie.ts';
import type { RolledReleases } from '../target-phases.ts';

/** Where nobody has met the release yet; a placeholder's users have no sessions. */
export const needsGate = (
  { version, ...restarts }: Pick<DeployContext, 'restart' | 'restartAll' | 'version'>,
  { isRollback, fromVersion }: RolledReleases,
  targets: DeployRecord['targets'],
): boolean => !isRollback && restartText(restarts) === undefined && ![version, fromVersion].includes(NO_RELEASE) && !hasDone(targets);

/** @param value the header's, which an error of AWS can quote */
export function judgeGate({ verdict, reason = '', findings }: GateResult, value: string): Required<DeployRecord>['sessionGate'] {
  const found = findings.map(({ what, roll, rollback }) => `${what}; during a roll: ${roll}; after a rollback: ${rollback}`).join('. ');
  return { verdict, detail: (verdict === 'incompatible' ? found : reason).replaceAll(value, '…') };
}

/** The deploy's line "sessions". */
export const sessionsText = ({ verdict, detail }: Required<DeployRecord>['sessionGate']): string =>
  `${verdict}, by the session gate${detail === '' ? '' : `: ${detail}`}`;

export const gateWarning = (
  { version, expect }: Pick<DeployContext, 'version' | 'expect'>,
  { verdict, detail }: Required<DeployRecord>['sessionGate'],
): string =>
  verdict === 'incompatible'
    ? `Release ${version} logs users out, as ${expect === 'turned-away' ? '--expect says' : '--recover allows'}: ${detail}.`
    : `Whether release ${version} and the previous one keep each other's sessions is not checked: ${detail}.`;
