import { expect, it } from 'vitest';
import { compareWithList, type Exceptions } from './compare-with-list.ts';
import { countParameters } from './count-parameters.ts';
import { readSources } from './read-sources.ts';

const MAX_PARAMETERS = 4;

/** Functions with more, with their parameters. The list only shrinks. */
const MORE: Exceptions = {
  'console/browser/elements.ts table': 5,
  'console/browser/widgets.ts createBody': 5,
  'console/dashboards/invoke-widget.ts invokeWidget': 5,
  'console/run-route.ts runRoute': 5,
  'functions/deploy/assess/judge-settle.ts judgeSettle': 5,
  'functions/incidents/mitigate/hold-fleet.ts holdFleet': 5,
  'functions/incidents/records/dynamo-incident-records.ts moveMitigation': 5,
  'functions/instance/decide-drain.ts decideDrain': 5,
  'functions/instance/judge-gate.ts judgeGate': 5,
  'functions/instance/steps/drain.ts sendDrain': 5,
  'functions/records/dynamo-deploy-records.ts updateTarget': 5,
  'functions/refresh/finish.ts end': 5,
  'functions/refresh/replace-server.ts enter': 5,
  'functions/releases/publish/publish.ts publishUploaded': 5,
  'functions/sweep/begin/begin.ts decideStart': 5,
  'functions/sweep/keys/choose-repair.ts chooseRepair': 5,
  'functions/sweep/report/make-baseline.ts makeBaseline': 5,
  'functions/sweep/store/scripted-repair.ts scriptedRepair': 5,
  'infra/constructs/deploy/fleet-policies.ts policy': 5,
  'infra/constructs/deploy/roll-target.ts bake': 5,
  'infra/constructs/steps.ts call': 5,
  'infra/constructs/steps.ts callFunction': 5,
  'infra/constructs/steps.ts whenVerdict': 5,
  'infra/dashboards/store-dashboards.ts perNode': 5,
  'infra/stacks/web-tier-stack.ts userDataOf': 5,
  'lab/local-aws/auto-scaling/member-steps.ts waitForHooks': 5,
  'lab/local-aws/cloudwatch/metric-queries.ts runQueries': 5,
  'lab/local-aws/elasticache/events.ts notify': 5,
  'lab/local-aws/elasticache/nodes/cache-node.ts constructor': 5,
  'lab/local-aws/elbv2/data-plane/forward-request.ts bind': 5,
  'lab/local-aws/elbv2/data-plane/forward-request.ts forwardRequest': 5,
  'lab/local-aws/elbv2/data-plane/listener-server.ts act': 5,
  'lab/local-aws/elbv2/data-plane/meter.ts createMeter': 5,
  'lab/local-aws/elbv2/data-plane/proxy-request.ts joinSockets': 5,
  'lab/local-aws/gateway/answer-call.ts answerCall': 5,
  'lab/local-aws/iam/signature.ts signatureOf': 5,
  'lab/local-aws/instances/instances.ts machineIn': 5,
  'lab/demo/bring-up.ts deployOnto': 5,
};

/** Tests of the laboratory lie in it, and what runs like a test. */
const TESTING = /^lab\/(?:simulation|mutants|soak)\/|^lab\/.*(?:\/test\/|\.test\.ts$)/;

it(`no function of the product has more than ${MAX_PARAMETERS} parameters`, () => {
  const sources = readSources('{bin,lab,ops,examples,session,console,cli,infra,server,advisor,functions,setup}/**/*.ts').filter(
    ({ file }) => !TESTING.test(file),
  );
  expect(sources.length).toBeGreaterThan(1_000);
  const functions = sources.flatMap(({ file, text }) =>
    countParameters(file, text).map(([name, count]) => [`${file} ${name}`, count] as const),
  );
  expect(functions.length).toBeGreaterThan(5_000);
  expect(compareWithList(Object.fromEntries(functions.filter(([, count]) => count > MAX_PARAMETERS)), MORE)).toEqual([]);
}, 120_000);

it.each([
  ['function a(b: number, { c, d }: E) {}', [['a', 2]]],
  [
    'const a = (...b: number[]) => (c: string) => c;',
    [
      ['a', 1],
      ['a', 1],
    ],
  ],
  [
    'const a = { b(c: number) {}, d: function () {} };',
    [
      ['b', 1],
      ['d', 0],
    ],
  ],
  ['class A { constructor(private b: number) {} }', [['constructor', 1]]],
  ['[1].map((a, b) => a);', [['(anonymous)', 2]]],
])('counts the parameters in %j', (source, counted) => {
  expect(countParameters('a.ts', source)).toEqual(counted);
});
