import { type OperatorPorts, operatorPortsFrom } from '../operator-ports-from-environment.ts';
import { answerContinue } from './answer-continue.ts';
import type { ContinueReply } from './contract.ts';

let ports: OperatorPorts | undefined;

export const handler = async (request: unknown): Promise<ContinueReply> => {
  ports ??= operatorPortsFrom(process.env, 'deploy-continue');
  return answerContinue(ports, request);
};
