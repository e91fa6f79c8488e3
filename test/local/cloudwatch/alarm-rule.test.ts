import { describe, expect, it } from 'vitest';
import { alarmsOf, holds, parseRule } from '../../../local/cloudwatch/alarm-rule.ts';
import type { StateValue } from '../../../local/cloudwatch/judge-alarm.ts';

const STATES: Readonly<Record<string, StateValue>> = { red: 'ALARM', 'also red': 'ALARM', green: 'OK', grey: 'INSUFFICIENT_DATA' };

describe('composite rules', () => {
  it.each([
    ['ALARM("red")', true],
    ["ALARM('also red')", true],
    ['ALARM(green)', false],
    ['OK(green) AND INSUFFICIENT_DATA(grey)', true],
    ['ALARM(red) AND ALARM(green) OR ALARM("also red")', true],
    ['ALARM(red) AND (ALARM(green) OR ALARM(grey))', false],
    ['NOT ALARM(red) OR NOT OK(green)', false],
    ['NOT (ALARM(red) AND ALARM(green))', true],
    ['TRUE AND NOT FALSE', true],
    ['INSUFFICIENT_DATA(unknown)', true],
  ])('%s is %s', (source, expected) => {
    expect(holds(parseRule(source), (name) => STATES[name])).toBe(expected);
  });

  it.each(['', 'ALARM(red) AND', 'ALARM(red', 'red', 'ALARM(red) ALARM(green)', '(TRUE'])('refuses "%s"', (source) => {
    expect(() => parseRule(source)).toThrow();
  });

  it('names its alarms', () => {
    expect(alarmsOf(parseRule('ALARM(a) AND NOT (OK("b c") OR TRUE)'))).toEqual(['a', 'b c']);
  });
});
