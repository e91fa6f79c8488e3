/** The default configuration as it would be deployed, and its cost. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBLEM_METRICS, STORE_METRICS } from '../../../functions/collect/contract.ts';
import { withFigures } from '../../../test/docs/figures-pages.ts';
import { AWS_CONFIG, REPOSITORY, SynthesizedApp } from '../../../test/infra/synthesized.ts';
import { recordedCases } from '../../../test/write-figures.ts';
import { type Assembly, readAssembly, type Stack } from '../assembly.ts';
import { METRIC_CONTRACTS, publishedMetrics } from '../count-resources.ts';
import { ALARMS_AND_METRICS_BUDGET_USD, estimateCost, MONTHLY_BUDGET_USD, totalOf } from '../estimate-cost.ts';
import { alarms, stackOf } from './templates.ts';

let app: SynthesizedApp;
let assembly: Assembly;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
  assembly = await readAssembly(app.folder);
});
afterAll(() => app?.remove());

const FOUR = { servers: 4 };
const withStack = (stack: Stack): Assembly => ({ ...assembly, stacks: [...assembly.stacks, stack] });
const alarmsAndMetrics = (of: Assembly) =>
  totalOf(estimateCost(of, FOUR).lines.filter(({ category }) => category === 'alarms' || category === 'metrics'));

describe('a fleet of four with the default configuration', () => {
  it('costs no more than the budget', () => {
    const { monthlyUsd, lines } = estimateCost(assembly, FOUR);
    expect(monthlyUsd, JSON.stringify(lines, undefined, 1)).toBeLessThanOrEqual(MONTHLY_BUDGET_USD);
    expect(monthlyUsd).toBeGreaterThan(1);
  });

  it('spends no more on alarms and metrics than their part of the budget', () => {
    expect(alarmsAndMetrics(assembly)).toBeLessThanOrEqual(ALARMS_AND_METRICS_BUDGET_USD);
    expect(alarmsAndMetrics(assembly)).toBeGreaterThan(0);
  });

  it('would exceed both with 60 more alarms', () => {
    const grown = withStack(stackOf('holdfast-web-more', alarms(60)));
    expect(alarmsAndMetrics(grown)).toBeGreaterThan(ALARMS_AND_METRICS_BUDGET_USD);
    expect(estimateCost(grown, FOUR).monthlyUsd).toBeGreaterThan(MONTHLY_BUDGET_USD);
  });

  it('has nothing that is not in the estimate', () => {
    expect(estimateCost(assembly, FOUR).assumptions.notPriced).toEqual([]);
  });

  it('would report a NAT gateway and a new state machine', () => {
    const definition = { StartAt: 'A', States: { A: { Type: 'Succeed' } } };
    const more = stackOf('holdfast-web-more', {
      Nat: { Type: 'AWS::EC2::NatGateway' },
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: { StateMachineName: 'new', DefinitionString: JSON.stringify(definition) },
      },
    });
    expect(estimateCost(withStack(more), FOUR).assumptions.notPriced).toEqual(['AWS::EC2::NatGateway', 'how often new runs']);
  });

  it('sums its lines and those of the infrastructure', () => {
    const { monthlyUsd, infrastructureUsd, lines, infrastructure } = estimateCost(assembly, FOUR);
    expect(monthlyUsd).toBeCloseTo(totalOf(lines), 1);
    expect(infrastructureUsd).toBeCloseTo(totalOf(infrastructure), 1);
    expect(infrastructureUsd).toBeGreaterThan(100);
  });

  it('has the key and the secret of the store in the infrastructure', () => {
    const { lines, infrastructure } = estimateCost(assembly, FOUR);
    expect(infrastructure.map(({ item }) => item)).toEqual(expect.arrayContaining(['store key', 'store secret']));
    expect(lines.map(({ item }) => item)).not.toEqual(expect.arrayContaining(['keys']));
  });

  it('costs more with every deploy, and something without any', () => {
    const costs = [0, 1, 10].map((deploysPerDay) => estimateCost(assembly, { ...FOUR, deploysPerDay }).monthlyUsd);
    expect(costs).toEqual(costs.toSorted((a, b) => a - b));
    expect(costs[0]).toBeGreaterThan(0);
    expect(new Set(costs).size).toBe(3);
  });

  it("has the configuration's size by default", () => {
    expect(estimateCost(assembly, {}).assumptions.servers).toBe(3);
  });
});

describe('custom metrics', () => {
  it('are those of every contract with metrics', async () => {
    const functions = path.join(REPOSITORY, 'functions');
    const files = readdirSync(functions, { recursive: true, encoding: 'utf8' });
    const contracts = files.filter((file) => /contract(?:\.ts|\/[^/]+\.ts)$/.test(file));
    const modules = (await Promise.all(contracts.map((file) => import(path.join(functions, file))))) as Record<string, unknown>[];
    const naming = modules.flatMap((module) => Object.values(module)).filter((value) => Object.hasOwn(Object(value), 'namespace'));
    expect(naming.length).toBeGreaterThan(0);
    for (const metrics of naming) expect(METRIC_CONTRACTS).toContain(metrics);
  });

  it('are counted by their names alone', () => {
    const names = publishedMetrics(4).flatMap((group) => group.names);
    expect(names).toEqual(expect.arrayContaining(['DrainSeconds', ...Object.values(STORE_METRICS), ...Object.values(PROBLEM_METRICS)]));
    expect(names).not.toContain('Holdfast');
    expect(names).not.toContain('Fleet');
  });

  it('of deploys are charged for more hours with more deploys, up to all hours', () => {
    expect([0, 4, 24].map((deploysPerDay) => publishedMetrics(deploysPerDay)[0]?.shareOfHours)).toEqual([0, 6 / 24, 1]);
  });
});

describe('the collector', () => {
  it('is counted: 43,776 readings a month, without a trace', () => {
    const { lines } = estimateCost(assembly, FOUR);
    const of = (item: string) => lines.find((line) => line.item === item)?.arithmetic;
    expect(of('function requests')).toContain('43,776 readings of the store × 1');
    expect(of('records, writes')).toContain('43,776 readings of the store × 8');
    const traces = lines.find(({ item }) => item === 'traces')?.quantity ?? 0;
    expect(traces).toBeLessThan(43_776);
  });
});

describe('a sweep', () => {
  it('is counted: one of the schedule and one of the alarm a day, and the checks in between', () => {
    const { lines } = estimateCost(assembly, FOUR);
    const of = (item: string) => lines.find((line) => line.item === item)?.arithmetic;
    expect(of('function requests')).toContain('60.8 sweeps × 5 + 730 checks of the counters × 1');
    expect(of('function time')).toContain('60.8 sweeps × 103');
  });
});

describe('incidents', () => {
  it('are counted: a runbook a day, looks every half hour for six hours, the alarms that start it, and a check every five minutes', () => {
    const of = (item: string) => estimateCost(assembly, FOUR).lines.find((line) => line.item === item)?.arithmetic;
    expect(of('state transitions')).toContain('30.4 runbooks × 75 + 365 looks × 34');
    // One of each is the question to the fleet's witness of the store.
    expect(of('function requests')).toContain('30.4 runbooks × 32 + 365 looks × 15');
    expect(of('function requests')).toContain('8,755 checks of open incidents × 1');
    expect(of('function requests')).toContain('182 changes of alarms × 1');
    expect(of('function time')).toContain('30.4 runbooks × 52.8 + 365 looks × 50.6');
  });
});

describe('the figures of README and the pages', () => {
  it('are what "npm run docs -- figures" writes, from this estimate and the recorded benchmark', () => {
    const read = (file: string) => readFileSync(path.join(REPOSITORY, file), 'utf8');
    const pages = {
      'README.md': read('README.md'),
      'docs/internals/benchmarks.md': read('docs/internals/benchmarks.md'),
      'docs/cost.md': read('docs/cost.md'),
    };
    expect(withFigures(pages, { ...recordedCases(), cost: estimateCost(assembly, FOUR) })).toEqual(pages);
  });
});
