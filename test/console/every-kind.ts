import type { DashboardBody } from '../../console/dashboards/body.ts';

/** A body with one widget of every kind that the console supports, and one that it does not. */
export const KINDS: DashboardBody = {
  start: '-PT6H',
  variables: [{}],
  widgets: [
    {
      type: 'text',
      width: 24,
      height: 2,
      properties: { markdown: '# Every kind\nText in *markdown*, with a [link](https://aws.amazon.com).' },
    },
    { type: 'metric', properties: { view: 'gauge', title: 'Gauge', metrics: [['A', 'B']], yAxis: { left: { min: 0, max: 100 } } } },
    {
      type: 'metric',
      properties: {
        view: 'bar',
        title: 'Bar',
        metrics: [
          ['A', 'B'],
          ['.', 'C'],
        ],
      },
    },
    {
      type: 'metric',
      properties: {
        view: 'pie',
        title: 'Pie',
        metrics: [
          ['A', 'B'],
          ['.', 'C'],
          ['.', 'D'],
        ],
      },
    },
    {
      type: 'metric',
      properties: {
        view: 'table',
        title: 'Table',
        metrics: [
          ['A', 'B'],
          ['.', 'C'],
        ],
      },
    },
    {
      type: 'metric',
      width: 12,
      properties: {
        title: 'Stacked, with annotations',
        stacked: true,
        period: 60,
        metrics: [
          ['A', 'B'],
          ['.', 'C'],
        ],
        annotations: {
          horizontal: [
            { value: 60, label: 'above', fill: 'above', color: '#d13212' },
            [
              { value: 10, label: 'from' },
              { value: 20, label: 'to' },
            ],
          ],
          vertical: [{ value: new Date(Date.now() - 300_000).toISOString(), label: 'deploy' }],
        },
      },
    },
    {
      type: 'metric',
      width: 12,
      properties: {
        view: 'singleValue',
        title: 'Numbers',
        sparkline: true,
        metrics: [
          ['A', 'B'],
          ['.', 'C'],
        ],
      },
    },
    {
      type: 'custom',
      width: 12,
      properties: {
        title: 'Drawn by a function',
        endpoint: 'arn:aws:lambda:us-east-1:000000000000:function:holdfast-web-deploys-widget:live',
        params: { show: 'deploys' },
      },
    },
    { type: 'log', properties: { title: 'Log lines' } },
    {
      type: 'alarm',
      width: 12,
      height: 3,
      properties: { title: 'Alarms', alarms: ['arn:aws:cloudwatch:us-east-1:000000000000:alarm:gone'] },
    },
  ],
};
