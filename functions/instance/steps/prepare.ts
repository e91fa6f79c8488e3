import type { VerdictOf } from '../../shared/verdict.ts';
import { SLICE_LIMIT_SECONDS } from '../instance-commands.ts';
import { type ServerStep, type StepPorts, sentCommand } from './server-step.ts';

/** Whether the fleet's own document has prepared the server. @throws CommandFailed */
export async function checkPrepare({ commands }: Pick<StepPorts, 'commands'>, step: ServerStep): Promise<VerdictOf<'DONE' | 'WAIT'>> {
  return (await commands.readPrepare(sentCommand(step, SLICE_LIMIT_SECONDS))) ? 'DONE' : 'WAIT';
}
