/** The alarms of the templates, evaluated as CloudWatch does in the first minutes of an installation, in virtual time. */
import { aws_cloudwatch, Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAlarmEvaluator } from '#local-aws/cloudwatch/alarm-evaluator.ts';
import { readMetricAlarm } from '#local-aws/cloudwatch/alarm-input.ts';
import { createAlarmRegistry } from '#local-aws/cloudwatch/alarm-registry.ts';
import { createMetricStore } from '#local-aws/cloudwatch/metric-store.ts';
import { aggregateOf } from '#local-aws/cloudwatch/statistics.ts';
import { watchAlarm } from '../../infra/constructs/watch-alarm.ts';
import { seededRandom } from '../../lab/demo/traffic/run-traffic.ts';
import { adopted } from './adopted-configs.ts';
import { AWS_CONFIG, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
let withExistingStore: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
  withExistingStore = await SynthesizedApp.create(adopted());
});
afterAll(async () => {
  await app?.remove();
  await withExistingStore?.remove();
});

const SECOND = 1_000;
const MINUTE = 60_000;
const NOON = Date.UTC(2026, 0, 1, 12);
const SILENT = 'holdfast-store-collector-silent';

type Properties = Readonly<Record<string, unknown>>;
const ONLY_NAMES = { AlarmActions: [], OKActions: [], Dimensions: [] };

/** Alarms that count silence, in the template's own properties. Their actions are references, which only CloudFormation resolves. */
const countingSilence = (found: SynthesizedApp) =>
  found.resources('AWS::CloudWatch::Alarm').filter(({ Properties: { TreatMissingData } }) => TreatMissingData === 'breaching');

/** A reading of the collector, and when CloudWatch has its metric. */
interface Reading {
  readonly atMs: number;
  readonly visibleAtMs: number;
}

/**
 * An alarm that is created at `createdAtMs`, and its states with their times. The metrics come as late as the readings have
 * it, and the evaluation does not wait for them.
 */
function follow(properties: Properties, createdAtMs: number, readings: readonly Reading[], forMinutes: number) {
  let nowMs = createdAtMs;
  const now = () => nowMs;
  const store = createMetricStore(now, { visibilityDelayMs: 0, customVisibilityDelayMs: 0, retentionMs: 10 * 3_600_000, maxSeries: 10 });
  const log = () => undefined;
  const place = { region: 'eu-west-1', accountId: '000000000000' };
  const nobody = { topics: { publish: async () => {} }, functions: { invokeAsync: async () => {} }, events: { put: async () => {} } };
  const registry = createAlarmRegistry({ now, place, ...nobody, log });
  const evaluator = createAlarmEvaluator({ now, store, registry, log });
  const alarm = readMetricAlarm({ ...properties, ...ONLY_NAMES }, () => ({ arnPrefix: 'arn', nowMs, existing: undefined }));
  const pending = readings.toSorted((a, b) => a.visibleAtMs - b.visibleAtMs);
  const states: { readonly state: string; readonly afterSeconds: number }[] = [];
  const begin = Math.min(createdAtMs, pending[0]?.visibleAtMs ?? createdAtMs);
  for (nowMs = begin; nowMs <= createdAtMs + forMinutes * MINUTE; nowMs += SECOND) {
    for (let next = pending[0]; next !== undefined && next.visibleAtMs <= nowMs; next = pending[0]) {
      const metric = { namespace: String(properties['Namespace']), name: String(properties['MetricName']), dimensions: {}, unit: 'Count' };
      store.add({ ...metric, timestampMs: next.atMs, aggregate: aggregateOf([0]), resolutionSeconds: 60 });
      pending.shift();
    }
    if (nowMs === createdAtMs) registry.put(alarm);
    if (nowMs < createdAtMs) continue;
    evaluator.evaluate();
    const state = registry.need(alarm.name).state.value;
    if (states.at(-1)?.state !== state) states.push({ state, afterSeconds: (nowMs - createdAtMs) / SECOND });
  }
  return states;
}

const silent = (changes: Properties = {}): Properties => {
  const found = countingSilence(app).find(({ Properties: { AlarmName } }) => AlarmName === SILENT);
  return { ...found?.Properties, ...changes };
};

/** Readings `minutes` apart, each within the schedule's precision of a minute, and up to a minute on their way to CloudWatch. */
function readingsOf(random: () => number, firstAtMs: number, minutes: number, count: number): readonly Reading[] {
  const whole = (ms: number) => Math.round((random() * ms) / SECOND) * SECOND;
  return Array.from({ length: count }, (_, index) => {
    const atMs = firstAtMs + index * minutes * MINUTE + whole(59 * SECOND);
    return { atMs, visibleAtMs: atMs + whole(MINUTE) };
  });
}

describe('a young installation', () => {
  it('has one alarm that counts silence, whichever parts exist', () => {
    for (const found of [app, withExistingStore]) {
      expect(countingSilence(found).map(({ Properties: { AlarmName } }) => AlarmName)).toEqual([SILENT]);
    }
  });

  it.each([1, 2, 3, 4, 5])('raises no alarm before its first reading, %s min apart', (minutes) => {
    const random = seededRandom(minutes);
    for (let run = 0; run < 40; run += 1) {
      const createdAtMs = NOON + Math.floor(random() * 60) * SECOND;
      // The schedule is created before the alarm, minutes before it where stacks come between them.
      const scheduledAtMs = createdAtMs - Math.floor(random() * 180) * SECOND;
      const firstAtMs = scheduledAtMs + (run % 2 === 0 ? 0 : minutes * MINUTE);
      const states = follow(silent({ Period: minutes * 60 }), createdAtMs, readingsOf(random, firstAtMs, minutes, 40 / minutes), 30);
      expect(
        states.map(({ state }) => state),
        `run ${run}`,
      ).toEqual(['INSUFFICIENT_DATA', 'OK']);
    }
  });

  it.each([1, 2, 3, 4, 5])('raises none when everything comes as late as it can, %s min apart', (minutes) => {
    const readings = (createdAtMs: number) =>
      Array.from({ length: 40 / minutes }, (_, index) => {
        const atMs = createdAtMs + (index + 1) * minutes * MINUTE + 59 * SECOND;
        return { atMs, visibleAtMs: atMs + MINUTE };
      });
    for (let second = 0; second < 60; second += 7) {
      const createdAtMs = NOON + second * SECOND;
      const states = follow(silent({ Period: minutes * 60 }), createdAtMs, readings(createdAtMs), 30);
      expect(
        states.map(({ state }) => state),
        `second ${second}`,
      ).toEqual(['INSUFFICIENT_DATA', 'OK']);
    }
  });

  it('would have raised it without the warm-up', () => {
    const readings = readingsOf(seededRandom(1), NOON + 30 * SECOND, 1, 20);
    const states = follow(silent({ WarmUpConfiguration: undefined }), NOON, readings, 20);
    expect(states.map(({ state }) => state)).toEqual(['ALARM', 'OK']);
  });

  it.each([1, 2, 3, 4, 5])('has the alarm within ten minutes when its collector never reads, %s min apart', (minutes) => {
    for (let second = 0; second < 60; second += 7) {
      const states = follow(silent({ Period: minutes * 60 }), NOON + second * SECOND, [], 30);
      expect(states.map(({ state }) => state)).toEqual(['INSUFFICIENT_DATA', 'ALARM']);
      expect(states.at(-1)?.afterSeconds).toBeLessThan(600);
    }
  });

  it('has the alarm when the readings stop in its first minutes, as soon as an old one has', () => {
    const stopping = (count: number) => Array.from({ length: count }, (_, index) => NOON + (index + 1) * MINUTE);
    const alarmAt = (count: number) =>
      follow(
        silent(),
        NOON,
        stopping(count).map((atMs) => ({ atMs, visibleAtMs: atMs })),
        90,
      ).find(({ state }) => state === 'ALARM')?.afterSeconds ?? 0;
    const sinceTheLast = [1, 3, 6, 60].map((count) => alarmAt(count) - count * 60);
    for (const seconds of sinceTheLast) expect(seconds).toBeLessThanOrEqual(600);
    expect(sinceTheLast.slice(1)).toEqual(Array(3).fill(sinceTheLast.at(-1)));
  });
});

describe('a sweep', () => {
  it('begins once every stack exists but the last, which protects them', () => {
    for (const one of [app, withExistingStore]) {
      const others = one.stackNames.filter((name) => !/-(store-operations|termination-protection)$/.test(name));
      expect(others.length).toBeGreaterThan(4);
      expect(one.dependenciesOf('store-operations')).toEqual(expect.arrayContaining(others));
      const starting = one
        .resources('AWS::Scheduler::Schedule')
        .filter(({ Properties: { Name } }) => /-sweep(-check)?$/.test(String(Name)));
      expect(starting.map(({ stackName }) => stackName)).toEqual(['holdfast-store-operations', 'holdfast-store-operations']);
    }
  });
});

describe('the warm-up', () => {
  it('begins after the schedule of the readings was created', () => {
    const [alarm] = countingSilence(withExistingStore);
    const schedule = withExistingStore
      .resources('AWS::Scheduler::Schedule')
      .find(({ stackName, Properties: { Name } }) => stackName === alarm?.stackName && Name === 'holdfast-store-collect');
    expect(alarm?.DependsOn).toEqual([schedule?.logicalId]);
    expect(app.dependenciesOf('store-operations')).toContain('holdfast-session-store');
    expect(JSON.stringify(app.template('session-store').toJSON())).toContain('"holdfast-store-collect"');
  });

  it('cannot be forgotten where missing data are breaching', () => {
    const stack = new Stack();
    const metric = new aws_cloudwatch.Metric({ namespace: 'Shop', metricName: 'Readings' });
    const missing = aws_cloudwatch.TreatMissingData.BREACHING;
    const alarm = {
      alarmName: 'shop-silent',
      heading: 'silent',
      severity: 'high',
      sentence: 'Silence',
      threshold: 0,
      topic: undefined,
    } as const;
    expect(() => watchAlarm(stack, 'Alarm', { ...alarm, metric, missing })).toThrow(
      'The alarm shop-silent treats missing data as breaching, and needs a warm-up',
    );
  });

  it('is that of an alarm that counts silence; no other has one', () => {
    const warm = app.resources('AWS::CloudWatch::Alarm').filter(({ Properties: { WarmUpConfiguration } }) => WarmUpConfiguration);
    expect(warm.map(({ Properties: { AlarmName } }) => AlarmName)).toEqual([SILENT]);
  });
});

describe('the first reading', () => {
  it('finds the way to the store open, and the schedule is allowed to start it', () => {
    for (const [found, ways] of [
      [app, 1],
      [withExistingStore, 1],
    ] as const) {
      const schedule = found.resources('AWS::Scheduler::Schedule').find(({ Properties: { Name } }) => Name === 'holdfast-store-collect');
      const needed = (schedule?.DependsOn ?? []).map((id) => found.everything.find(({ logicalId }) => logicalId === id)?.Type);
      expect(needed.filter((type) => type === 'AWS::EC2::SecurityGroupIngress')).toHaveLength(ways);
      expect(needed).toContain('AWS::IAM::Policy');
    }
  });
});
