import { holdfast } from '../../shared/command-options.ts';
import { refuseInvalid } from '../../shared/stated-request.ts';
import { type PublishReply, publishStatement } from './contract.ts';
import { type Publication, refuse } from './publish.ts';

export interface AnswerPorts {
  readonly publish: (publication: Publication) => Promise<PublishReply>;
  /** The function's own: it publishes for no other one. */
  readonly fleet: string;
}

/** The contract of a bundle lists its files. */
const MOST_CHARACTERS = 65_536;

export async function answerRequest({ publish, fleet }: AnswerPorts, input: unknown): Promise<PublishReply> {
  const statement = publishStatement.safeParse(input);
  if (statement.success && JSON.stringify(input).length <= MOST_CHARACTERS) return publish({ ...statement.data, fleet });
  const { error, message } = refuseInvalid('Nothing was published.', `Use "${holdfast('releases publish')}".`);
  return refuse(error, message);
}
