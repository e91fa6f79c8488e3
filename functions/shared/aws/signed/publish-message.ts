import { printable } from '../../foreign-text.ts';
import { type Limits, queryCalls, type Signing, signedCalls } from './signed-calls.ts';

export interface Message {
  /** An e-mail's subject: printable ASCII, at most 100 characters. */
  readonly subject: string;
  readonly text: string;
}

/** Publishes to one SNS topic. @throws AwsServiceError named by SNS's error code */
export type PublishMessage = (message: Message) => Promise<void>;

const VERSION = '2010-03-31';
/** 2 × 5 s: a message must not delay a step for long. */
const LIMITS: Limits = { maxAttempts: 2, attemptMs: 5_000 };

/** @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export function publishTo(topicArn: string, signing: Omit<Signing, 'service'>): PublishMessage {
  const query = queryCalls(signedCalls({ ...signing, service: 'sns' }, LIMITS), VERSION);
  return async ({ subject, text }) => {
    await query('Publish', { TopicArn: topicArn, Subject: subject, Message: printable(text) });
  };
}
