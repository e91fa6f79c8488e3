import { beforeEach, describe, expect, it } from 'vitest';
import { readCurves } from '../../console/curves.ts';
import { readTrouble } from '../../console/overview.ts';
import { readPlace } from '../../console/place.ts';
import { hourlyCost } from '../../console/serve.ts';
import { createFakeBackend, type FakeBackend, furnish } from './fake-backend.ts';

let fake: FakeBackend;
const nowMs = Date.now();
const denied = () =>
  Promise.reject(Object.assign(new Error('User: ron is not authorized to perform: cloudwatch:GetDashboard'), { name: 'AccessDenied' }));
beforeEach(async () => {
  fake = createFakeBackend();
  await furnish(fake, nowMs);
});

describe('the curves of the first page', () => {
  it('are those of the deployed dashboards, over the last hour', async () => {
    const { curves, range, none } = await readCurves(fake, nowMs);
    expect(curves.map(({ title }) => title)).toEqual(['Answers by class', 'People turned away', 'Active sessions', 'Latency']);
    expect([range.endMs - range.startMs, none]).toEqual([3_600_000, undefined]);
    const [answers] = curves;
    expect(answers?.content.kind === 'metrics' && answers.content.series.map(({ label }) => label)).toEqual(['2xx', '3xx', '4xx', '5xx']);
  });

  it('have deploys and incidents as bands', async () => {
    const { curves } = await readCurves(fake, nowMs);
    const bands = curves[0]?.content.kind === 'metrics' ? curves[0].content.vertical : [];
    expect(bands.map(({ label, toMs, color }) => [label, toMs === nowMs ? 'now' : 'ended', color])).toEqual(
      expect.arrayContaining([
        ['1.2.0 under way', 'now', '#879596'],
        ['1.2.0 failed', 'ended', '#d13212'],
        ['1.1.0', 'ended', '#879596'],
        ['incident logged-out', 'now', '#d13212'],
      ]),
    );
    for (const { atMs, toMs = 0 } of bands) expect([atMs >= nowMs - 3_600_000, toMs >= atMs]).toEqual([true, true]);
  });

  it('are fewer where a dashboard is not deployed, and one sentence where none is, or where the policy does not allow it', async () => {
    fake.bodies.delete('holdfast-web-web-tier');
    expect((await readCurves(fake, nowMs)).curves.map(({ title }) => title)).toEqual(['Active sessions']);
    fake.bodies.clear();
    expect((await readCurves(fake, nowMs)).none).toMatch(/^The dashboards .* have no such curves/);
    fake.getDashboard = denied;
    expect(await readCurves(fake, nowMs)).toMatchObject({
      curves: [],
      none: expect.stringMatching(/^Curves are not shown: .*GetDashboard.*holdfast-web-reader does\.$/),
    });
  });
});

it('alarms that the policy does not allow are a sentence, and incidents are shown', async () => {
  fake.listAlarms = denied;
  expect(await readTrouble(fake, nowMs)).toMatchObject({
    alarms: [],
    incidents: { length: 2 },
    unread: [expect.stringMatching(/^Alarms are not shown: .*holdfast-web-reader does\.$/)],
  });
});

it('the cost of an hour is counted from what the deployed dashboards ask for', async () => {
  const cost = await hourlyCost(fake);
  const { curves } = await readCurves(fake, nowMs);
  expect(curves).toHaveLength(4);
  expect(cost).toMatch(/^An hour of its first page costs about \$0\.0\d\d: GetMetricData of 1\d metrics a minute, and 1200 other calls/);
});

it.each([
  ['allowed', undefined],
  ['denied', /^There are no buttons: .*holdfast-web-deploy-dry-run, as the managed policy holdfast-web-operator does\.$/],
  ['missing', /^There are no buttons: holdfast-web-deploy-dry-run does not exist/],
] as const)('buttons where a dry run of the invocation is %s', async (answer, sentence) => {
  fake.changes = answer;
  const { title, readOnly } = await readPlace(fake);
  expect(title).toBe('account 000000000000 (local), us-east-1, installation holdfast, fleet web');
  if (sentence === undefined) expect(readOnly).toBeUndefined();
  else expect(readOnly).toMatch(sentence);
});
