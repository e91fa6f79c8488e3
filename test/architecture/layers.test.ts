import { describe, expect, it } from 'vitest';
import { findCycles } from './find-cycles.ts';
import { findPaths, importsOf, loadsOf, readImports, readLoads } from './read-imports.ts';

/**
 * The layers, top to bottom: a part may import those named for it, and itself. docs/internals/architecture.md draws them. Cycles of
 * files are the linter's to find (noImportCycles in biome.json).
 */
const CAPABILITIES = 'checks deploy lifecycle sweep collect widgets releases installation incidents canary gate'
  .split(' ')
  .map((name) => `functions/${name}`);
const FOUNDATIONS = ['functions/records', 'functions/shared'];
const ALL_FUNCTIONS = [...CAPABILITIES, 'functions/instance', 'functions/people', ...FOUNDATIONS];
const SERVER = ['server', ...ALL_FUNCTIONS];
const INFRA = ['infra', 'advisor', ...SERVER];
const CLI = ['cli', ...INFRA, 'setup'];
const CONSOLE = ['console', ...CLI];
/** What the laboratory builds on: the local cloud and the processes that it starts, and everything of the product. */
const LAB = ['lab/local-aws', 'lab/processes', ...CONSOLE];
const DEMO = ['lab/demo', ...LAB];

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  // The entry point, which has the commands of the local cloud as well.
  bin: DEMO,
  package: CONSOLE,
  // Where an application would have the package that session/critical-actions is.
  examples: ['session'],
  // Used on their own, by applications.
  session: [],
  // Its build script has Maven build it as set-up does: below .holdfast, with checked libraries.
  'examples/spring-app': ['setup'],
  console: CONSOLE,
  cli: CLI,
  infra: INFRA,
  // What runs on a server has the contracts of the functions that read its answers.
  server: SERVER,
  advisor: ['functions/shared'],
  // A deploy's session gate is that of the command, with the canary's recipe.
  'functions/deploy': ['functions/instance', 'functions/people', 'functions/gate', 'functions/canary', ...FOUNDATIONS],
  // The list has the checks of deploys, and judges by what other capabilities know.
  'functions/checks': [
    'functions/collect',
    'functions/deploy',
    'functions/incidents',
    'functions/instance',
    'functions/sweep',
    ...FOUNDATIONS,
  ],
  // A launching instance is installed by the fleet's deploy settings.
  'functions/lifecycle': ['functions/deploy/settings', 'functions/instance', ...FOUNDATIONS],
  'functions/sweep': FOUNDATIONS,
  'functions/collect': FOUNDATIONS,
  // A runbook asks what the other capabilities know, and does what they do, by their own files.
  'functions/incidents': [
    'functions/collect',
    'functions/deploy',
    'functions/sweep',
    'functions/canary',
    'functions/instance',
    ...FOUNDATIONS,
  ],
  // A widget shows another capability's records.
  'functions/widgets': ['functions/sweep', 'functions/incidents', 'functions/canary', ...FOUNDATIONS],
  'functions/canary': FOUNDATIONS,
  // The same visitors, steps, pace and rules of secrecy.
  'functions/gate': ['functions/canary', ...FOUNDATIONS],
  'functions/people': FOUNDATIONS,
  'functions/releases': FOUNDATIONS,
  'functions/installation': FOUNDATIONS,
  // It sends the document that people are read by.
  'functions/instance': ['functions/people', ...FOUNDATIONS],
  'functions/records': ['functions/shared'],
  'functions/shared': [],
  setup: [],
  'lab/processes': ['setup'],
  // Nothing of the product but the table of AWS's limits, which knows nothing of Holdfast: another project could use it.
  'lab/local-aws': ['lab/processes', 'setup', 'functions/shared/limits'],
  'lab/demo': LAB,
  'lab/monitoring': DEMO,
  'lab/rehearse': DEMO,
  // It reads the corpus's logs as its check does.
  'lab/bench': [...DEMO, 'session', 'lab/corpus'],
  // It reads the alarms of the app's templates, as the simulation does, and has chance as the situations have.
  // Its reader installs the package, and runs the commands of a page.
  'lab/bench/init': [...DEMO, 'lab/bench', 'lab/rehearse', 'package'],
  'lab/bench/alarms': [...DEMO, 'lab/bench', 'lab/simulation', 'lab/situations', 'test'],
  // These run what the tests run.
  // It reads templates alone, by the names that functions have for what is in them.
  'lab/cost': ALL_FUNCTIONS,
  'lab/simulation': [...DEMO, 'test'],
  'lab/corpus': [...DEMO, 'test'],
  // It has the readers of evidence and the run that judges it, and nothing of how that judges.
  'lab/situations': [...DEMO, 'test'],
};

/** Tests of the laboratory lie in it, and import what they need. */
const isTest = (file: string): boolean => /^lab\/.*(\/test\/|\.test\.ts$)/.test(file);

/** The longest part that `file` lies in. */
const partOf = (file: string): string | undefined =>
  Object.keys(MAY_IMPORT)
    .filter((part) => file.startsWith(`${part}/`))
    .sort((a, b) => b.length - a.length)[0];

const isAllowed = (from: string, to: string): boolean => {
  const part = partOf(from);
  if (part === undefined) return false;
  return partOf(to) === part || (MAY_IMPORT[part] ?? []).some((other) => to.startsWith(`${other}/`));
};

const isContract = (file: string): boolean => /^functions\/.*[-/]contract(\/|\.ts$)/.test(file);

const imports = readImports([
  'bin',
  'package',
  'examples',
  'session',
  'console',
  'cli',
  'infra',
  'server',
  'advisor',
  'functions',
  'setup',
  'lab',
]).filter(({ from }) => !isTest(from));

describe('the layers', () => {
  it.each(Object.keys(MAY_IMPORT))('%s imports what is below it alone', (part) => {
    const upward = imports.filter(({ from, to }) => partOf(from) === part && !isAllowed(from, to));
    expect(upward.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it.each(['lab/bench', 'infra/constructs', 'lab/demo', 'lab/local-aws', ...CAPABILITIES, 'functions/instance', ...FOUNDATIONS])(
    'no folders of %s import each other',
    (part) => {
      expect(findCycles(imports, part)).toEqual([]);
    },
  );

  it('a contract imports no implementation: contracts, settings, records and what every capability shares', () => {
    const allowed = /[-/]contract(\/|\.ts$)|[-/]settings\.ts$|^functions\/(records|shared|instance)\//;
    const others = imports.filter(({ from, to }) => isContract(from) && !allowed.test(to));
    expect(others.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('a contract loads nothing that could reach a service, by whichever file: no package but those of schemas, hashes and spelling', () => {
    const isPackage = (to: string) => !to.startsWith('functions/') && !/^(zod\/.+|node:crypto|leven)$/.test(to);
    const loads = readLoads(['functions']);
    const contracts = [...new Set(loads.map(({ from }) => from))].filter(isContract);
    expect(contracts.length).toBeGreaterThan(10);
    expect(contracts.flatMap((contract) => findPaths(loads, contract, isPackage))).toEqual([]);
    for (const adapter of ['functions/records/dynamo-records.ts', 'functions/shared/aws/target-group.ts'])
      expect(findPaths(loads, adapter, isPackage)).not.toEqual([]);
  });

  it.each([
    // Gates and commands send the canary's visitors; a command and the console show fixes.
    [
      'functions/canary',
      /^functions\/canary\/contract\//,
      /^(functions\/(gate|deploy\/session-gate)|cli\/(canary|gate)|lab)\/|^console\/canary\.ts$/,
    ],
    // The package takes the place of the builder of Tomcat's Java.
    ['cli/releases/tomcat', /^cli\/releases\/tomcat\/publish-war\.ts$/, /^package\//],
  ])('others import the contract of %s', (part, contract, friends) => {
    const others = imports.filter(({ from, to }) => to.startsWith(`${part}/`) && !from.startsWith(`${part}/`) && !friends.test(from));
    expect(others.length).toBeGreaterThan(1);
    expect(others.filter(({ to }) => !contract.test(to)).map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('checks call no service: what they are judged by is gathered elsewhere', () => {
    const loads = readLoads(['functions', 'cli/doctor']);
    const isClient = (to: string) => to.startsWith('@') || to === 'ioredis';
    const of = (folder: string) => loads.filter(({ from, to }) => from.startsWith(folder) && isClient(to));
    expect(of('functions/checks/')).toEqual([]);
    expect(of('cli/doctor/gather').length).toBeGreaterThan(10);
  });

  it.each([
    [['a/x.ts → b/y.ts', 'b/z.ts → a/w.ts'], ['a → b → a: part/a/x.ts imports part/b/y.ts; part/b/z.ts imports part/a/w.ts']],
    [['b/y.ts → top.ts', 'top.ts → b/z.ts'], ['b → top.ts → b: part/b/y.ts imports part/top.ts; part/top.ts imports part/b/z.ts']],
    [['a/x.ts → b/y.ts', 'b/y.ts → c/z.ts', 'a/x.ts → c/z.ts', 'a/x.ts → a/y.ts'], []],
  ])('finds the cycles in %j', (known, cycles) => {
    const split = (text: string) => text.split(' → ').map((file) => `part/${file}`) as [string, string];
    const pairs = known.map((text) => split(text)).map(([from, to]) => ({ from, to }));
    expect(findCycles(pairs, 'part')).toEqual(cycles);
  });

  it('every file belongs to a part, and the imports that are known to be there were read', () => {
    expect(imports.filter(({ from }) => partOf(from) === undefined)).toEqual([]);
    expect(imports.length).toBeGreaterThan(2_000);
    expect(imports).toContainEqual({ from: 'infra/app.ts', to: 'infra/build-app.ts' });
  });

  it.each([
    ["import { a } from './a.ts';", ['./a.ts']],
    ["import {\n  a,\n  type B,\n} from '../a.ts';", ['../a.ts']],
    ["import type { A } from '../a/b.ts';", ['../a/b.ts']],
    ["export * from './a.ts';", ['./a.ts']],
    ["import './a.ts';", ['./a.ts']],
    ["const a = await import('../a.ts');", ['../a.ts']],
    ["type A = import('./a.mjs').A;", ['./a.mjs']],
    ["import { a } from '#local-aws/a.ts';", ['#local-aws/a.ts']],
    ["import { b } from 'package';", []],
  ])('reads %j', (source, targets) => {
    expect(importsOf(source)).toEqual(targets);
  });

  it.each([
    ["import { a } from './a.ts';", ['./a.ts']],
    ["import {\n  a,\n  type B,\n} from '../a.ts';", ['../a.ts']],
    ["import { type A } from './a.ts';", ['./a.ts']],
    ["import type { A } from './a.ts';\nimport * as b from 'package/b';", ['package/b']],
    ["export type { A } from './a.ts';\nexport type B = 'c';\nexport const c = 'd';", []],
    ["export * from './a.ts';", ['./a.ts']],
    ["import './a.ts';", ['./a.ts']],
    ["const a = await import('../a.ts');", ['../a.ts']],
    ["type A = import('./a.mjs').A;", []],
  ])('reads what %j loads', (source, targets) => {
    expect(loadsOf(source)).toEqual(targets);
  });

  it('finds the shortest path to each import that is wanted, over circles', () => {
    const pairs = ['a → b', 'b → c', 'c → a', 'c → package', 'a → c'].map((pair) => pair.split(' → ') as [string, string]);
    const known = pairs.map(([from, to]) => ({ from, to }));
    expect(findPaths(known, 'a', (to) => to === 'package')).toEqual(['a → c → package']);
  });

  it.each([
    ['cli/deploy/up.ts', 'lab/demo/start.ts'],
    ['functions/shared/metrics.ts', 'functions/deploy/contract/common.ts'],
    ['lab/local-aws/cloud.ts', 'lab/demo/local-settings.ts'],
    ['lab/local-aws/cloud.ts', 'functions/shared/naming.ts'],
    ['cli/cloud.ts', 'lab/demo/local-settings.ts'],
    ['functions/lifecycle/launch.ts', 'functions/deploy/assess/assess.ts'],
    ['functions/deploy/errors.ts', 'infra/config.ts'],
  ])('refuses %s → %s', (from, to) => {
    expect(isAllowed(from, to)).toBe(false);
  });
});
