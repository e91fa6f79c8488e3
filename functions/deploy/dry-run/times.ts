/** How long a deploy takes at worst. Pure; times are in seconds. */
import { durationText } from '../../shared/times.ts';
import { canLackPreparation } from '../rolls/is-prepared.ts';
import { LONGEST_DEPLOY_SECONDS, longestPinSeconds, longestRollSeconds } from '../sessions/session-times.ts';
import type { ResolvedSettings } from '../settings/settings.ts';

/**
 * The longest roll of one server, with the usual bake, that can still succeed, with the wait for the store before it.
 * @param timeoutSeconds after which the server itself ends an idle session, where it reports that
 */
export function worstRollSeconds(
  {
    version,
    waitsForSessions,
    timeoutSeconds,
  }: { readonly version: string; readonly waitsForSessions: boolean; readonly timeoutSeconds?: number | undefined },
  settings: ResolvedSettings,
): number {
  const prepares = canLackPreparation(version);
  return (
    settings.storeTimeoutSeconds +
    (prepares ? settings.preparationTimeoutSeconds : 0) +
    (waitsForSessions ? longestPinSeconds(settings, timeoutSeconds) : 0) +
    longestRollSeconds(settings, settings.bakeSeconds)
  );
}

/**
 * One sentence for a deploy whose waits, the one to be continued included, can be longer together than an execution lasts; undefined
 * otherwise. Where sessions in memory are waited for, a deploy refuses that.
 * @param worstSeconds if every wait lasts as long as the settings allow
 */
export const warnOfTheLimit = (worstSeconds: number): string | undefined =>
  worstSeconds <= LONGEST_DEPLOY_SECONDS
    ? undefined
    : `If every wait lasts as long as the settings allow, a deploy takes ${durationText(worstSeconds * 1000)}, and Step Functions ends it after two days, wherever it is; its clean-up then rolls it back. Roll more servers at once (deploy.maxParallel), or shorten the longest times of deploy.`;
