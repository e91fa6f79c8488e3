import { describe, expect, it } from 'vitest';
import { judgeAlarm, type MissingDataTreatment, tooFewSamples } from '../../cloudwatch/judge-alarm.ts';

/** `0 - X`: not breaching, missing, breaching; oldest first. */
function points(picture: string): (number | undefined)[] {
  return picture.split(' ').map((mark) => (mark === '-' ? undefined : mark === 'X' ? 10 : 0));
}

function states(picture: string, datapointsToAlarm: number): string[] {
  const treatments: MissingDataTreatment[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
  return treatments.map(
    (treatMissingData) =>
      judgeAlarm({
        points: points(picture),
        evaluationPeriods: 3,
        datapointsToAlarm,
        operator: 'GreaterThanThreshold',
        threshold: 5,
        treatMissingData,
      }).state,
  );
}

// The two tables of the CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data".
describe('judgeAlarm, 3 of 3, as the user guide has it (missing, ignore, breaching, notBreaching)', () => {
  it.each([
    ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', ['INSUFFICIENT_DATA', 'retain', 'ALARM', 'OK']],
    ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', ['ALARM', 'retain', 'ALARM', 'OK']],
    // "does not go immediately into ALARM state"
    ['- - - - X', ['OK', 'retain', 'ALARM', 'OK']],
    ['- - - X -', ['OK', 'retain', 'ALARM', 'OK']],
  ])('%s', (picture, expected) => {
    expect(states(picture, 3)).toEqual(expected);
  });
});

describe('judgeAlarm, 2 of 3', () => {
  it.each([
    ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', ['ALARM', 'retain', 'ALARM', 'OK']],
    ['X X 0 0 X', ['OK', 'OK', 'OK', 'OK']],
  ])('%s', (picture, expected) => {
    expect(states(picture, 2)).toEqual(expected);
  });
});

describe('comparison operators', () => {
  it.each([
    ['GreaterThanThreshold', 5, 'OK'],
    ['GreaterThanThreshold', 6, 'ALARM'],
    ['GreaterThanOrEqualToThreshold', 5, 'ALARM'],
    ['LessThanThreshold', 5, 'OK'],
    ['LessThanThreshold', 4, 'ALARM'],
    ['LessThanOrEqualToThreshold', 5, 'ALARM'],
  ] as const)('%s 5 with %d is %s', (operator, value, expected) => {
    const verdict = judgeAlarm({
      points: [value],
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      operator,
      threshold: 5,
      treatMissingData: 'missing',
    });
    expect(verdict.state).toBe(expected);
  });
});

describe('tooFewSamples', () => {
  it.each([
    [99, 999, true],
    [99, 1001, false],
    [50, 19, true],
    [50, 20, false],
    [10, 99, true],
    [10, 100, false],
  ])('p%d over %d samples: %s', (percent, samples, expected) => {
    expect(tooFewSamples(percent, samples)).toBe(expected);
  });
});
