import { verifyPortsFrom } from '../verify-ports-from-environment.ts';
import { answerContinue, type ContinuePorts } from './answer-continue.ts';
import type { ContinueReply } from './contract.ts';

let ports: ContinuePorts | undefined;

export const handler = async (request: unknown, context: { readonly invokedFunctionArn: string }): Promise<ContinueReply> => {
  ports ??= verifyPortsFrom(process.env, 'deploy-continue');
  return answerContinue(ports, context.invokedFunctionArn.split(':')[4] ?? '', request);
};
