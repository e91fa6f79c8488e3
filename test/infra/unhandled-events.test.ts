/** What becomes of events that no function of incidents handled: by the templates. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AWS_CONFIG, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
});
afterAll(() => app?.remove());

const inIncidents = (type: string) => app.resources(type).filter(({ stackName }) => stackName === 'holdfast-incidents');
const queueArn = () => {
  const [queue, ...others] = inIncidents('AWS::SQS::Queue');
  expect(others).toEqual([]);
  return { 'Fn::GetAtt': [queue?.logicalId, 'Arn'] };
};
/** By the name of its function: `alarm`. */
const keptOf = (role: string) => {
  const fn = inIncidents('AWS::Lambda::Function').find(({ Properties }) => Properties['FunctionName'] === `holdfast-incidents-${role}`);
  return inIncidents('AWS::Lambda::EventInvokeConfig').find(
    ({ Properties }) => JSON.stringify(Properties['FunctionName']) === JSON.stringify({ Ref: fn?.logicalId }),
  )?.Properties;
};

/** Name of the function whose alias the rule and the schedule call. */
const nameOf = (role: string) => {
  const alias = inIncidents('AWS::Lambda::Alias').find(({ logicalId }) => logicalId.toLowerCase().startsWith(`functions${role}live`));
  expect(alias?.Properties['Name']).toBe('live');
  return { 'Fn::Select': [7, { 'Fn::Split': [':', { Ref: alias?.logicalId }] }] };
};

describe('an event that a function of incidents fails at', () => {
  it.each([
    ['alarm', 3_600],
    ['tend', 300],
  ])('is repeated twice, and kept: %s, for %i s', (role, seconds) => {
    expect(keptOf(role)).toMatchObject({
      Qualifier: nameOf(role),
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: seconds,
      DestinationConfig: { OnFailure: { Destination: queueArn() } },
    });
  });

  it('may be sent to the queue by both functions and by the schedule, which may do nothing else with it', () => {
    const statements = inIncidents('AWS::IAM::Policy').flatMap(({ Properties }) => {
      const { Statement } = Properties['PolicyDocument'] as { Statement: readonly { Action: unknown; Resource: unknown }[] };
      return Statement.filter(({ Resource }) => JSON.stringify(Resource) === JSON.stringify(queueArn())).map(({ Action }) => [
        Properties['PolicyName'],
        Action,
      ]);
    });
    expect(statements.map(([, action]) => action)).toEqual(['sqs:SendMessage', 'sqs:SendMessage', 'sqs:SendMessage']);
    expect(statements.map(([name]) => String(name)).toSorted()).toEqual([
      expect.stringContaining('AlarmRole'),
      expect.stringContaining('TendRole'),
      expect.stringContaining('ScheduleRole'),
    ]);
  });
});

describe('an event that could not be delivered', () => {
  it('of an alarm is tried again for an hour, and kept', () => {
    const [rule] = inIncidents('AWS::Events::Rule');
    expect(rule?.Properties['Targets']).toMatchObject([
      { DeadLetterConfig: { Arn: queueArn() }, RetryPolicy: { MaximumEventAgeInSeconds: 3_600, MaximumRetryAttempts: 5 } },
    ]);
  });

  it('of the schedule is tried again until the next one, and kept', () => {
    const [schedule] = inIncidents('AWS::Scheduler::Schedule');
    expect(schedule?.Properties['Target']).toMatchObject({
      DeadLetterConfig: { Arn: queueArn() },
      RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 5 },
    });
  });
});

it('the queue has an alarm, which fires at the first of them', () => {
  const alarm = inIncidents('AWS::CloudWatch::Alarm').find(
    ({ Properties }) => Properties['AlarmName'] === 'holdfast-incidents-dead-letters',
  );
  const {
    'Fn::GetAtt': [queue],
  } = queueArn();
  expect(alarm?.Properties).toMatchObject({
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue, 'QueueName'] } }],
    Threshold: 1,
  });
});
