/** SNS: keeps what is published, for predicates. */
import { AwsError } from '#local-aws/service/service.ts';
import type { Operation } from '../seam/call.ts';

export interface PublishedMessage {
  readonly topicArn: string;
  readonly subject: string;
  readonly text: string;
}

export interface Topics {
  readonly service: { readonly Publish: Operation };
  /** In order. */
  readonly messages: readonly PublishedMessage[];
}

/** Longest subject, in characters. @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const LONGEST_SUBJECT = 100;
const LONGEST_MESSAGE_BYTES = 262_144;

export function createTopics(): Topics {
  const messages: PublishedMessage[] = [];
  return {
    messages,
    service: {
      Publish({ TopicArn, Subject = '', Message, ...rest }: Readonly<Record<string, string>>) {
        const [unknown] = Object.keys(rest);
        if (unknown !== undefined) throw new Error(`the simulated SNS lacks Publish's ${unknown}`);
        if (!TopicArn || !Message) throw new AwsError('InvalidParameter', `Invalid parameter: ${TopicArn ? 'Message' : 'TopicArn'}`);
        // Printable ASCII that begins with a letter, number or punctuation mark.
        if (Subject.length > LONGEST_SUBJECT || /[^\x20-\x7e]/.test(Subject) || Subject.startsWith(' ')) {
          throw new AwsError('InvalidParameter', 'Invalid parameter: Subject');
        }
        if (Buffer.byteLength(Message) > LONGEST_MESSAGE_BYTES)
          throw new AwsError('InvalidParameter', 'Invalid parameter: Message too long');
        messages.push({ topicArn: TopicArn, subject: Subject, text: Message });
        return { MessageId: `00000000-0000-4000-8000-${String(messages.length).padStart(12, '0')}` };
      },
    },
  };
}
