import { type SignedCommand, type VerifyPorts, verifyRequest } from '../../shared/caller/verify-request.ts';
import { holdfast } from '../../shared/command-options.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import { type PublishReply, type PublishStatement, publishStatement } from './contract.ts';
import { refuse } from './publish.ts';

export interface AnswerPorts extends VerifyPorts {
  /** @param publishedBy the caller's ARN */
  readonly publish: (statement: PublishStatement, publishedBy: string) => Promise<PublishReply>;
}

const REQUEST: SignedCommand<PublishStatement> = {
  statement: publishStatement,
  mostCharacters: 65_536,
  unchanged: 'Nothing was published.',
  instead: `Use "${holdfast('releases publish')}".`,
  refused: LOG_EVENTS.publishRefused,
  logged: ({ fleet, version }) => ({ fleet, version }),
};

/** @param account the function's own: an identity of another account publishes nothing here */
export async function answerRequest(ports: AnswerPorts, account: string, input: unknown): Promise<PublishReply> {
  const verified = await verifyRequest(ports, account, input, REQUEST);
  return 'outcome' in verified ? refuse(verified.error, verified.message) : ports.publish(verified.statement, verified.arn);
}
