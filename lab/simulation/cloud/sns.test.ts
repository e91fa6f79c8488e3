import { expect, it } from 'vitest';
import { createTopics } from './sns.ts';

const TOPIC = 'arn:aws:sns:us-east-1:111111111111:holdfast-alarms';

it('keeps messages', () => {
  const { service, messages } = createTopics();
  service.Publish({ TopicArn: TOPIC, Subject: 'Deploy failed', Message: 'web: d-1' } as never);
  expect(messages).toEqual([{ topicArn: TOPIC, subject: 'Deploy failed', text: 'web: d-1' }]);
});

it('refuses subjects as SNS does', () => {
  const { service, messages } = createTopics();
  for (const Subject of ['x'.repeat(101), 'line\nbreak', 'für', ' space']) {
    expect(() => service.Publish({ TopicArn: TOPIC, Subject, Message: 'text' } as never)).toThrow('Invalid parameter: Subject');
  }
  expect(() => service.Publish({ TopicArn: TOPIC, Message: '' } as never)).toThrow('Invalid parameter: Message');
  expect(messages).toEqual([]);
});

it('ends the run for what it lacks', () => {
  expect(() => createTopics().service.Publish({ TargetArn: TOPIC, Message: 'text' } as never)).toThrow('TargetArn');
});
