import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { printable } from '../foreign-text.ts';
import { CLIENT_OPTIONS } from './client-options.ts';

export interface Message {
  /** An e-mail's subject: printable ASCII, at most 100 characters. */
  readonly subject: string;
  readonly text: string;
}

/** Publishes to one SNS topic. @throws the SDK's errors */
export type PublishMessage = (message: Message) => Promise<void>;

/** Options of a client for messages, which must not delay a step for long: 2 × 5 s. */
export const MESSAGE_CLIENT_OPTIONS = {
  maxAttempts: 2,
  requestHandler: { ...CLIENT_OPTIONS.requestHandler, requestTimeout: 5_000 },
} as const;

/** @param client see {@link MESSAGE_CLIENT_OPTIONS} */
export const publishTo =
  (client: SNSClient, topicArn: string): PublishMessage =>
  async ({ subject, text }) => {
    await client.send(new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: printable(text) }));
  };
