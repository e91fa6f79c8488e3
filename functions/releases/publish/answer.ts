import { identifyCaller } from '../../shared/caller/identify-caller.ts';
import type { ResolveCaller } from '../../shared/caller/resolve-caller.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import { type PublishReply, type PublishStatement, publishRequest, publishStatement } from './contract.ts';
import { refuse } from './publish.ts';

export interface AnswerPorts {
  readonly resolveCaller: ResolveCaller;
  /** @param publishedBy the caller's ARN */
  readonly publish: (statement: PublishStatement, publishedBy: string) => Promise<PublishReply>;
  readonly log: Log;
  readonly now: () => number;
  readonly installation: string;
  readonly fleet: string;
  readonly region: string;
}

const UNCHANGED = 'Nothing was published.';

/**
 * Verifies who calls, and that the statement is meant for this fleet, before anything is read or written.
 * @param account the function's own: an identity of another account publishes nothing here
 */
export async function answerRequest(ports: AnswerPorts, account: string, input: unknown): Promise<PublishReply> {
  const { fleet, installation, log } = ports;
  const request = publishRequest.safeParse(input);
  if (!request.success) return refuse('InvalidRequest', `The request is not valid. ${UNCHANGED} Use "npx holdfast releases publish".`);
  const { proof, statement: text } = request.data;
  const statement = readStatement(text);
  if (!statement) return refuse('InvalidRequest', `The statement is not valid. ${UNCHANGED} Use "npx holdfast releases publish".`);
  if (statement.installation !== installation || statement.fleet !== fleet)
    return refuse(
      'InvalidRequest',
      `The statement is for fleet ${statement.fleet} of installation ${statement.installation}, and this is fleet ${fleet} of ${installation}. ${UNCHANGED}`,
    );
  const caller = await identifyCaller(ports, account, proof, text);
  if ('refusal' in caller) {
    log.warn(LOG_EVENTS.publishRefused, { fleet, version: statement.version, error: caller.refusal });
    return refuse(
      'UnknownCaller',
      `The caller could not be verified: ${caller.refusal}. ${UNCHANGED} Check the clock of your machine, sign in again, then try again.`,
    );
  }
  return ports.publish(statement, caller.arn);
}

function readStatement(text: string): PublishStatement | undefined {
  try {
    return publishStatement.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
