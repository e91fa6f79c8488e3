import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBLEM_METRICS, STORE_METRICS } from '../../functions/collect/contract.ts';
import { DEPLOY_ERRORS } from '../../functions/deploy/errors.ts';
import { resolveSettings } from '../../functions/deploy/settings/read-settings.ts';
import { SETTINGS_ENV } from '../../functions/deploy/settings/settings.ts';
import { alarmsTopicName, fleetAlarmNames, incidentAlarmNames, storeAlarmNames } from '../../functions/shared/naming.ts';
import { installation } from '../../infra/config/installation.ts';
import { DOCUMENTATION_CONTEXT, watchAlarm } from '../../infra/constructs/watch-alarm.ts';
import { FilledIn, type Template as FilledTemplate } from '../../infra/limits/fill-in.ts';
import { readRunbook, runbookAnchors, runbookPages } from '../runbook.ts';
import { AWS_CONFIG, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
});
afterAll(() => app?.remove());

/** Its event starts a sweep. */
const SILENT = 'holdfast-store-keys-without-ttl';

const described = () =>
  app.resources('AWS::CloudWatch::Alarm').map(({ Properties }) => ({
    name: String(Properties['AlarmName']),
    description: String(Properties['AlarmDescription']),
    missing: Properties['TreatMissingData'],
    actions: [Properties['AlarmActions'], Properties['OKActions']],
  }));

describe('every alarm', () => {
  it('defines what missing data means', () => {
    for (const { name, missing } of described()) expect(missing, name).toMatch(/^(notBreaching|breaching|ignore|missing)$/);
  });

  it('has its severity and what is wrong in its description', () => {
    for (const { name, description } of described())
      expect(description, name).toMatch(/^severity: (high|medium|low)\. [A-Z].+\. Runbook: /);
  });

  it('links a heading of the runbook that exists', () => {
    const anchors = runbookAnchors();
    const linked = described().map(({ name, description }) => {
      const anchor = /Runbook: (\S+)$/.exec(description)?.[1];
      expect(anchors, name).toContain(anchor);
      return anchor;
    });
    expect(new Set(linked).size).toBe(linked.length);
    expect(linked.length).toBeGreaterThan(20);
  });

  it('notifies the topic of the installation of ALARM and OK', () => {
    const [topic] = app.resources('AWS::SNS::Topic').filter(({ Properties }) => Properties['TopicName'] === alarmsTopicName('holdfast'));
    const exported = `holdfast-alarms:ExportsOutputRef${topic?.logicalId}`;
    for (const { name, actions } of described()) {
      if (name === SILENT) continue;
      expect(actions, name).toEqual([expect.any(Array), expect.any(Array)]);
      expect(JSON.stringify(actions[0]), name).toContain(exported);
      expect(actions[1]).toEqual(actions[0]);
    }
  });

  it('that starts a sweep notifies nobody: what the sweep cannot repair has an alarm of its own', () => {
    expect(described().find(({ name }) => name === SILENT)?.actions).toEqual([undefined, undefined]);
    expect(described().map(({ name }) => name)).toContain('holdfast-store-keys-unrepaired');
  });

  it('treats missing data as breaching only where silence is the trouble', () => {
    const breaching = described().filter(({ missing }) => missing !== 'notBreaching');
    expect(breaching.map(({ name, missing }) => [name, missing])).toEqual([['holdfast-store-collector-silent', 'breaching']]);
  });

  it('on the store watches one metric that the collector publishes', () => {
    const published: readonly string[] = [...Object.values(STORE_METRICS), ...Object.values(PROBLEM_METRICS)];
    const onStore = app.resources('AWS::CloudWatch::Alarm').filter(({ stackName }) => stackName === 'holdfast-store-operations');
    expect(onStore).toHaveLength(18);
    for (const { Properties } of onStore) {
      expect(published).toContain(Properties['MetricName']);
      expect(Properties).toMatchObject({ Namespace: 'Holdfast', Dimensions: [{ Name: 'Installation', Value: 'holdfast' }], Period: 60 });
    }
  });

  it('is checked by doctor, which checks no other', () => {
    const known = [
      ...fleetAlarmNames('holdfast', 'web', { group: true, retention: false, canary: false }),
      ...storeAlarmNames('holdfast'),
      ...incidentAlarmNames('holdfast'),
    ];
    expect(known.toSorted()).toEqual(
      described()
        .map(({ name }) => name)
        .toSorted(),
    );
  });

  it('has the name of the heading that explains it', () => {
    for (const { name, description } of described())
      expect(name).toMatch(new RegExp(`^holdfast-((web|store)-)?${description.split('#')[1]}$`));
  });
});

describe('the address of the documentation', () => {
  it('is what the links of alarms begin with, where the configuration has one', () => {
    const stack = new Stack(new App({ context: { [DOCUMENTATION_CONTEXT]: 'https://git.example.com/holdfast/blob/main/docs/' } }), 'one');
    const metric = new Metric({ namespace: 'n', metricName: 'm' });
    const common = { severity: 'high', sentence: 'It is so', metric, threshold: 1, topic: undefined } as const;
    watchAlarm(stack, 'Failover', { ...common, alarmName: 'a', heading: 'failover' });
    watchAlarm(stack, 'DeployFailed', { ...common, alarmName: 'b', heading: 'deploy-failed' });
    const template = Template.fromStack(stack);
    for (const page of ['at-night.md#failover', 'deploys.md#deploy-failed'])
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        AlarmDescription: `severity: high. It is so. Runbook: https://git.example.com/holdfast/blob/main/docs/runbook/${page}`,
      });
  });

  it.each(['http://git.example.com', 'docs', 'javascript:alert(1)'])('is not %s', (documentation) => {
    const parsed = installation.safeParse({ watch: { documentation }, fleets: { web: { allowPlainHttp: true } } });
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toEqual(['watch.documentation']);
  });
});

describe('the alarm deploy-failed', () => {
  it('counts deploys that failed, and no execution that refused its input or found the lock held', () => {
    const alarm = app
      .resources('AWS::CloudWatch::Alarm')
      .find(({ Properties }) => Properties['AlarmName'] === 'holdfast-web-deploy-failed');
    expect(alarm?.Properties).toMatchObject({ Namespace: 'Holdfast', MetricName: 'DeployFailed', Statistic: 'Sum', Threshold: 1 });
  });
});

const alarmOf = (name: string) =>
  app.resources('AWS::CloudWatch::Alarm').find(({ Properties }) => Properties['AlarmName'] === `holdfast-${name}`)?.Properties;

describe('an alarm on', () => {
  it.each([
    ['store-refused-writes', { MetricName: 'RefusedWrites', Statistic: 'Sum', Threshold: 10 }],
    ['store-engine-cpu', { MetricName: 'EngineCpuPercent', Statistic: 'Maximum', Threshold: 90 }],
    [
      'incidents-mitigation-in-effect',
      { MetricName: 'MitigationInEffect', Statistic: 'Maximum', Threshold: 1, Period: 360, EvaluationPeriods: 1 },
    ],
  ])('%s watches what Holdfast publishes, which an existing store has as well', (name, wanted) => {
    expect(alarmOf(name)).toMatchObject({ Namespace: 'Holdfast', Dimensions: [{ Name: 'Installation', Value: 'holdfast' }], ...wanted });
  });

  it.each([
    ['unhealthy-hosts', 1, '2/3'],
    ['target-5xx', 1, '2/4'],
    ['target-connection-errors', 0.2, '1/3'],
    ['load-balancer-5xx', 0.2, '1/3'],
  ])('%s, which deploys watch, has its threshold of %d', (heading, threshold, periods) => {
    const { Threshold, DatapointsToAlarm, EvaluationPeriods } = alarmOf(`web-${heading}`) ?? {};
    expect([Threshold, `${DatapointsToAlarm}/${EvaluationPeriods}`]).toEqual([threshold, periods]);
  });
});

describe('an alarm on metric math', () => {
  const onMath = () =>
    app
      .resources('AWS::CloudWatch::Alarm')
      .map(({ Properties }) => ({
        name: String(Properties['AlarmName']),
        Metrics: Properties['Metrics'] as { Id: string; Expression?: string; MetricStat?: { Metric: { Namespace: string } } }[],
        Properties,
      }))
      .filter(({ Metrics }) => Metrics !== undefined);

  it('has at most the ten metrics and the ten expressions that one takes, and none whose value depends on how many data points are fetched', () => {
    expect(onMath().length).toBeGreaterThan(6);
    for (const { name, Metrics } of onMath()) {
      const expressions = Metrics.filter(({ Expression }) => Expression !== undefined).length;
      expect(expressions, name).toBeLessThanOrEqual(10);
      expect(Metrics.length - expressions, name).toBeLessThanOrEqual(10);
      for (const { Expression = '' } of Metrics)
        expect(Expression, name).not.toMatch(/\b(AVG|MIN|MAX|SUM|STDDEV|RUNNING_SUM|DATAPOINT_COUNT)\(/);
    }
  });

  it('takes a gap of what Holdfast publishes for nothing', () => {
    const own = onMath().flatMap(({ name, Metrics }) => {
      const ids = Metrics.filter(({ MetricStat }) => MetricStat?.Metric.Namespace === 'Holdfast').map(({ Id }) => Id);
      const filled = Metrics.flatMap(({ Expression = '' }) => [...Expression.matchAll(/FILL\((\w+), ([^)]+)\)/g)]);
      return filled.filter(([, id = '']) => ids.includes(id)).map(([, , value]) => [name, value]);
    });
    expect(own).toEqual(['redirects', 'refusals'].map((heading) => [`holdfast-web-${heading}`, '0']));
  });

  it('that fills gaps judges more minutes than have to breach, since the latest can be a gap that is none', () => {
    for (const { name, Metrics, Properties } of onMath()) {
      if (!Metrics.some(({ Expression = '' }) => Expression.includes('FILL('))) continue;
      expect(Properties['EvaluationPeriods'], name).toBeGreaterThan(Properties['DatapointsToAlarm'] as number);
    }
  });
});

describe('the runbook', () => {
  it('has no two headings with one anchor, on whichever page', () => {
    const anchors = runbookAnchors().map((anchor) => anchor.split('#')[1]);
    expect(new Set(anchors).size).toBe(anchors.length);
  });

  it.each([
    ['at-night', 15],
    ['logged-out', 8],
  ])('has a page %s of at most 300 lines, on which every alarm begins with the first thing to do', (page, alarms) => {
    const night = runbookPages()[`docs/runbook/${page}.md`] ?? '';
    expect(night.split('\n').length).toBeLessThanOrEqual(300);
    const sections = night.split(/^## /m).slice(1);
    expect(sections.length).toBeGreaterThan(alarms);
    for (const section of sections) {
      expect(section.split('\n\n')[1], section.split('\n')[0]).toMatch(/^\*\*First:\*\* /);
      expect(section.split('\n').length).toBeLessThanOrEqual(30);
    }
  });

  it('has every alarm that wakes someone on a page for the night, or on that of deploys', () => {
    const high = described().filter(({ description }) => description.startsWith('severity: high'));
    expect(high.length).toBeGreaterThan(15);
    for (const { name, description } of high) {
      if (name.endsWith('-incidents-dead-letters')) continue;
      expect(description, name).toMatch(/Runbook: docs\/runbook\/(at-night|logged-out|deploys)\.md#/);
    }
  });

  it('names no installation of its own but where the variables are set', () => {
    for (const [page, text] of Object.entries(runbookPages()))
      expect(text.match(/(?<!installation=|`)\bholdfast-(?!app\b|store-secret\b|collect\b)[a-z]+/g), page).toBeNull();
  });

  it('restarts servers by the command that restarts healthy ones', () => {
    expect(readRunbook()).not.toMatch(/restart (?:it|them|the servers|every server)[^.]* with\s+a\s+deploy/i);
  });

  it('explains every error that a deploy can end with', () => {
    const text = readRunbook();
    expect(DEPLOY_ERRORS.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  it('has the headings that it links to', () => {
    const text = readRunbook();
    const links = [...text.matchAll(/\]\((?:[a-z-]+\.md)?#([^)]+)\)/g)].map((match) => String(match[1]));
    expect(links.length).toBeGreaterThan(0);
    expect(runbookAnchors().map((anchor) => anchor.split('#')[1])).toEqual(expect.arrayContaining(links));
  });
});

describe('a deploy', () => {
  it("watches the web tier's alarms while it settles, and not its own", () => {
    const control = app
      .resources('AWS::Lambda::Function')
      .find(({ Properties }) => Properties['FunctionName'] === 'holdfast-web-deploy-control');
    const environment = JSON.stringify(control?.Properties['Environment']);
    expect(environment).toMatch(/alarmNames.+ExportsOutputRefUnhealthyHosts.+ExportsOutputRefTarget5xx/);
    expect(environment).not.toContain('DeployFailed');
  });

  it('starts with as many own alarms as a configuration can have, next to those of the web tier', async () => {
    const alarmNames = Array.from({ length: 20 }, (_, at) => `checkout-errors-above-one-percent-${at}`);
    const withOwn = await SynthesizedApp.create({ fleets: { web: { allowPlainHttp: true, deploy: { alarmNames } } } });
    const templates = Object.fromEntries(
      withOwn.stackNames.map((name) => [name, withOwn.template(name.replace('holdfast-', '')).toJSON() as FilledTemplate]),
    );
    const filled = new FilledIn(templates);
    const settings = withOwn.resources('AWS::Lambda::Function').flatMap(({ stackName, Properties }) => {
      const { Variables = {} } = (Properties['Environment'] ?? {}) as { Variables?: Record<string, unknown> };
      const text = Variables[SETTINGS_ENV.deploySettings];
      return text === undefined ? [] : [resolveSettings(JSON.parse(filled.value(stackName, text) as string), 'web').alarmNames];
    });
    withOwn.remove();
    expect(settings).toContainEqual([
      ...alarmNames,
      ...['unhealthy-hosts', 'target-5xx', 'target-connection-errors', 'load-balancer-5xx'].map((name) => `holdfast-web-${name}`),
    ]);
  });
});
