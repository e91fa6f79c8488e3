import { expect, it } from 'vitest';
import type { WidgetProperties } from '../../../console/dashboards/body.ts';
import { expandRows } from '../../../console/dashboards/expand-rows.ts';

/** Each row as namespace, name, and dimensions as `name=value`. */
const namesOf = (properties: WidgetProperties) =>
  expandRows(properties).map(({ metric, expression }) =>
    metric ? [metric.namespace, metric.name, ...metric.dimensions.map((pair) => pair.join('='))] : expression,
  );

it.each<[string, WidgetProperties['metrics'], unknown[]]>([
  ['a row in full', [['AWS/EC2', 'CPU', 'InstanceId', 'i-1']], [['AWS/EC2', 'CPU', 'InstanceId=i-1']]],
  ['a metric without dimensions', [['Own', 'Orders', { stat: 'Sum' }]], [['Own', 'Orders']]],
  [
    '"." for the same part of the previous row',
    [
      ['AWS/EC2', 'CPU', 'InstanceId', 'i-1'],
      ['.', 'Network', '.', 'i-2'],
    ],
    [
      ['AWS/EC2', 'CPU', 'InstanceId=i-1'],
      ['AWS/EC2', 'Network', 'InstanceId=i-2'],
    ],
  ],
  [
    '"..." for all but its last parts, also of an abbreviated row',
    [
      ['AWS/ELB', 'Hosts', 'LoadBalancer', 'a', 'TargetGroup', 'x'],
      ['...', 'y', { stat: 'Sum' }],
      ['...', 'b', '.', 'z'],
    ],
    [
      ['AWS/ELB', 'Hosts', 'LoadBalancer=a', 'TargetGroup=x'],
      ['AWS/ELB', 'Hosts', 'LoadBalancer=a', 'TargetGroup=y'],
      ['AWS/ELB', 'Hosts', 'LoadBalancer=b', 'TargetGroup=z'],
    ],
  ],
  [
    '"..." alone for the previous row',
    [
      ['A', 'B', 'C', 'D'],
      ['...', { stat: 'p99' }],
    ],
    [
      ['A', 'B', 'C=D'],
      ['A', 'B', 'C=D'],
    ],
  ],
  [
    'an expression, which the next row skips when it repeats parts',
    [['A', 'B', 'C', 'D'], [{ expression: 'm1 / 2' }], ['...', 'E']],
    [['A', 'B', 'C=D'], 'm1 / 2', ['A', 'B', 'C=E']],
  ],
])('reads %s', (_, metrics, expected) => {
  expect(namesOf({ metrics })).toEqual(expected);
});

it("has the row's own options, then the widget's, then CloudWatch's defaults", () => {
  const rows = [
    ['A', 'B'],
    ['A', 'C', { stat: 'Sum', period: 60, yAxis: 'right', color: '#fff', label: 'c', visible: false }],
  ] as const;
  const [plain, own] = expandRows({ metrics: rows, stat: 'p99', period: 120 });
  expect(plain).toMatchObject({ stat: 'p99', periodSeconds: 120, axis: 'left', visible: true });
  expect(own).toMatchObject({ stat: 'Sum', periodSeconds: 60, axis: 'right', color: '#fff', label: 'c', visible: false });
  expect(expandRows({ metrics: [['A', 'B']] })[0]).toMatchObject({ stat: 'Average', periodSeconds: 300 });
});

it('keeps ids, and gives every other row a unique one', () => {
  const ids = expandRows({
    metrics: [
      ['A', 'B', { id: 'row1' }],
      ['A', 'C'],
      ['A', 'D'],
    ],
  }).map(({ id }) => id);
  expect(ids[0]).toBe('row1');
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z0-9_]*$/);
});
