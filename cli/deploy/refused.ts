/** A deploy or a restart that was refused: no failure, and nothing was changed. Pure. */
import { holdfast } from '../../functions/shared/command-options.ts';
import { asSentence } from '../failure.ts';

/**
 * @param what `The deploy of 1.4.2`
 * @param refusal the error and its sentence
 * @param options of a command for the fleet
 */
export function refusedSentence(
  what: string,
  { error, cause }: { readonly error: string; readonly cause: string },
  options: string,
): string {
  const next = error === 'DeployInProgress' ? nextOf(cause, options) : [];
  const unchanged = /nothing was (changed|started)/i.test(cause) ? [] : ['Nothing was changed.'];
  return [asSentence(`${what} was refused: ${cause}`), ...unchanged, ...next].join(' ');
}

/** What to do about the holder of the lock, as describeHolder names it. */
function nextOf(cause: string, options: string): string[] {
  const deployId = /^deploy (\S+) of /.exec(cause)?.[1];
  if (deployId !== undefined) {
    return [
      `Follow that one with: ${holdfast(`deploys follow ${deployId} ${options}`)}.`,
      `Abort it with: ${holdfast(`deploys abort ${deployId} ${options}`)}.`,
    ];
  }
  return /^(the check for what deploys left|incident |refresh )/.test(cause) ? ['It ends within minutes: try again then.'] : [];
}
