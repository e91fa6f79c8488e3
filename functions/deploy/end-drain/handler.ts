import { type OperatorPorts, operatorPortsFrom } from '../operator-ports-from-environment.ts';
import { answerEndDrain } from './answer-end-drain.ts';
import type { EndDrainReply } from './contract.ts';

let ports: OperatorPorts | undefined;

export const handler = async (request: unknown): Promise<EndDrainReply> => {
  ports ??= operatorPortsFrom(process.env, 'end-drain');
  return answerEndDrain(ports, request);
};
