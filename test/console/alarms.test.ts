import { expect, it } from 'vitest';
import { type AlarmView, alarmView, worstFirst } from '../../console/alarms.ts';
import { sectionOf } from '../../console/runbook.ts';
import { readRunbook } from '../runbook.ts';

const SEEN = { arn: 'arn', name: 'a', state: 'OK', reason: 'r', sinceMs: 1 } as const;

it("parses the descriptions of Holdfast's alarms, and leaves others as they are", () => {
  const description = 'severity: high. It is 80 % full. It will soon be full. Runbook: docs/operator-runbook.md#memory-percent';
  expect(alarmView({ ...SEEN, description })).toMatchObject({
    severity: 'high',
    sentence: 'It is 80 % full. It will soon be full',
    runbook: 'docs/operator-runbook.md#memory-percent',
  });
  expect(alarmView({ ...SEEN, description: 'disk is full' })).toEqual({
    name: 'a',
    state: 'OK',
    reason: 'r',
    sinceMs: 1,
    sentence: 'disk is full',
  });
});

it('sorts by state (ALARM, no data, OK), then by severity, then by name', () => {
  const alarm = (name: string, state: AlarmView['state'], severity?: AlarmView['severity']): AlarmView => ({
    name,
    state,
    severity,
    sinceMs: 1,
    reason: '',
    sentence: '',
  });
  const sorted = worstFirst([
    alarm('e', 'OK', 'high'),
    alarm('d', 'INSUFFICIENT_DATA'),
    alarm('c', 'ALARM', 'low'),
    alarm('b', 'ALARM', 'high'),
    alarm('a', 'ALARM', 'high'),
  ]);
  expect(sorted.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
});

const TEXT = ['## one', '', 'See [two](#two).', '```sh', '# no heading', '## nor this', '```', '### below', 'x', '## two', 'y'].join('\n');

it('returns the section below a heading, code included', () => {
  expect(sectionOf(TEXT, 'one')).toBe('See [two](#/runbook/two).\n```sh\n# no heading\n## nor this\n```\n### below\nx');
  expect(sectionOf(TEXT, 'two')).toBe('y');
  expect(sectionOf(TEXT, 'three')).toBeUndefined();
});

it('finds the section of an alarm', () => {
  expect(sectionOf(readRunbook(), 'memory-percent')).toContain('What it means');
});
