import { PreparationFailed } from '../errors.ts';
import { SLICE_LIMIT_SECONDS } from '../instance-commands.ts';
import { elapsedSeconds, type ServerWork, type StepPorts, sentCommand } from './server-step.ts';

/** REPEAT: user data still runs, and the next command waits for it. */
export type PrepareCheck =
  | { readonly verdict: 'DONE' }
  | { readonly verdict: 'WAIT' }
  | { readonly verdict: 'REPEAT'; readonly phase: string };

/** @param limitSeconds from the phase's begin, for user data @throws PreparationFailed, CommandFailed */
export async function checkPrepare(
  { commands, now }: Pick<StepPorts, 'commands' | 'now'>,
  step: ServerWork,
  limitSeconds: number,
): Promise<PrepareCheck> {
  const { instanceId } = step;
  const answer = await commands.readPrepare(sentCommand(step, limitSeconds + SLICE_LIMIT_SECONDS));
  switch (answer?.result) {
    case undefined:
      return { verdict: 'WAIT' };
    case 'prepared':
      return { verdict: 'DONE' };
    case 'failed':
      throw new PreparationFailed(`${instanceId} was not prepared: ${answer.message}. Its log is /var/log/cloud-init-output.log`);
    case 'preparing': {
      const seconds = Math.round(elapsedSeconds(step, now()));
      if (seconds < limitSeconds) return { verdict: 'REPEAT', phase: answer.phase };
      throw new PreparationFailed(
        `${instanceId} was not prepared within ${limitSeconds} s: user data is still ${answer.phase}. Its log is /var/log/cloud-init-output.log`,
      );
    }
  }
}
