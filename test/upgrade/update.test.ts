/** An update from the version that is recorded changes every resource in its place. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY, SynthesizedApp } from '../infra/synthesized.ts';
import { findBreaks } from './find-breaks.ts';
import { readCreateOnly, readRecorded } from './recorded.ts';
import { type Facts, factsOf, readTemplates, userDataOf } from './template-facts.ts';
import { UPDATE_CONFIGS } from './update-configs.ts';

/** What approvals had, for nothing waits for one any more, and what replaced servers before Auto Scaling did. */
const GONE = /^holdfast-(incidents: AWS::\w+::\w+ FunctionsApprove|\w+-deploy: AWS::\w+::\w+ Refresh)\w+ is gone/;

const changelog = readFileSync(path.join(REPOSITORY, 'CHANGELOG.md'), 'utf8');
/** What the latest version's section says. */
const updating = /^### Updating\n(.*?)^###? /ms.exec(changelog)?.[1] ?? '';

describe.each(Object.keys(UPDATE_CONFIGS) as (keyof typeof UPDATE_CONFIGS)[])('an update of an installation, %s', (name) => {
  let app: SynthesizedApp;
  beforeAll(async () => {
    app = await SynthesizedApp.create(UPDATE_CONFIGS[name]);
  });
  afterAll(() => app?.remove());

  it('replaces and renames no resource, changes nothing that only a creation can set, and keeps each export that is imported', () => {
    const { facts } = readRecorded(name);
    expect(Object.values(facts).flatMap(({ resources }) => Object.keys(resources)).length).toBeGreaterThan(100);
    const breaks = findBreaks(facts, factsOf(readTemplates(app.folder), readCreateOnly()));
    expect(breaks.filter((text) => !GONE.test(text))).toEqual([]);
  });

  it('is in the changelog with an instance refresh, where servers would go on with other user data', () => {
    const { userData } = readRecorded(name);
    const now = userDataOf(readTemplates(app.folder));
    const isDue = Object.keys(now).some((template) => now[template] !== userData[template]);
    expect(isDue && !/From a checkout .*\[instance refresh\]/.test(updating)).toBe(false);
  });
});

describe('an update is found to break', () => {
  const resource = (type: string, createOnly: object = {}) => ({ type, createOnly: createOnly as Record<string, unknown> });
  const BEFORE: Facts = {
    store: {
      resources: {
        Network: resource('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }),
        Records: resource('AWS::DynamoDB::Table', { TableName: 'records' }),
        Targets: resource('AWS::ElasticLoadBalancingV2::TargetGroup', { Port: 80, VpcId: { Ref: 'Network' } }),
        Alarm: resource('AWS::CloudWatch::Alarm'),
      },
      exports: { 'store:Targets': { Ref: 'Targets' }, 'store:Alarm': { Ref: 'Alarm' } },
      imports: [],
    },
    web: { resources: {}, exports: {}, imports: ['store:Targets'] },
  };
  const store = BEFORE['store'] as Facts[string];
  const changed = (change: Partial<Facts[string]>): Facts => ({ ...BEFORE, store: { ...store, ...change } });
  const without = (id: string) => Object.fromEntries(Object.entries(store.resources).filter(([other]) => other !== id));
  const targets = 'store: AWS::ElasticLoadBalancingV2::TargetGroup Targets';
  const exported = 'store: the export store:Targets changes, which web imports';

  it.each<[string, Facts, string[]]>([
    ['nothing', BEFORE, []],
    ['nothing by what is new', changed({ resources: { ...store.resources, More: resource('AWS::SNS::Topic') } }), []],
    ['a stack', { web: BEFORE['web'] as Facts[string] }, ['stack store is gone']],
    [
      'a resource that moved to another logical id',
      changed({ resources: { ...without('Records'), Records2: resource('AWS::DynamoDB::Table', { TableName: 'records' }) } }),
      ['store: AWS::DynamoDB::Table Records is gone, or has another logical id'],
    ],
    [
      "a table's name",
      changed({ resources: { ...store.resources, Records: resource('AWS::DynamoDB::Table', { TableName: 'other' }) } }),
      ['store: AWS::DynamoDB::Table Records is replaced: only a creation can set TableName'],
    ],
    [
      'a value that is new',
      changed({ resources: { ...store.resources, Alarm: resource('AWS::CloudWatch::Alarm', { AlarmName: 'any' }) } }),
      ['store: AWS::CloudWatch::Alarm Alarm is replaced: only a creation can set AlarmName'],
    ],
    [
      'what names a replaced resource, and what imports that',
      changed({ resources: { ...store.resources, Network: resource('AWS::EC2::VPC', { CidrBlock: '10.1.0.0/16' }) } }),
      [
        'store: AWS::EC2::VPC Network is replaced: only a creation can set CidrBlock',
        `${targets} is replaced, because Network is`,
        exported,
      ],
    ],
    ['an export that is imported', changed({ exports: {} }), ['store: the export store:Targets is gone, which web imports']],
    ['the value of one', changed({ exports: { 'store:Targets': 'other' } }), [exported]],
    [
      'a type',
      changed({ resources: { ...store.resources, Alarm: resource('AWS::CloudWatch::CompositeAlarm') } }),
      ['store: AWS::CloudWatch::Alarm Alarm becomes AWS::CloudWatch::CompositeAlarm'],
    ],
  ])('%s', (_, after, breaks) => {
    expect(findBreaks(BEFORE, after)).toEqual(breaks);
  });
});
