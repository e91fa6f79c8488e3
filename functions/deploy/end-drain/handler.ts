import { verifyPortsFrom } from '../verify-ports-from-environment.ts';
import { answerEndDrain, type EndDrainPorts } from './answer-end-drain.ts';
import type { EndDrainReply } from './contract.ts';

let ports: EndDrainPorts | undefined;

export const handler = async (request: unknown, context: { readonly invokedFunctionArn: string }): Promise<EndDrainReply> => {
  ports ??= verifyPortsFrom(process.env, 'end-drain');
  return answerEndDrain(ports, context.invokedFunctionArn.split(':')[4] ?? '', request);
};
