import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AWS_CONFIG, SynthesizedApp } from '../../infra/synthesized.ts';
import { REPOSITORY } from '../../run-node.ts';
import { drawParts, groupParts } from './draw-parts.ts';
import { architecturePage } from './page.ts';
import { type Parts, readParts } from './read-parts.ts';
import { arrowsOf, drawRooms, roomOf, TOP, withoutImplied } from './rooms.ts';

let app: SynthesizedApp;
let parts: Parts;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
  parts = readParts(app.everything, 'holdfast', 'web');
});
afterAll(() => app?.remove());

/** `a → b` as an import of rooms or files. */
const pair = (text: string) => {
  const [from = '', to = ''] = text.split(' → ');
  return { from, to };
};

it('docs/internals/architecture.md has the drawings that "npm run docs -- architecture" writes', () => {
  const page = readFileSync(path.join(REPOSITORY, 'docs/internals/architecture.md'), 'utf8');
  expect(architecturePage(page, app)).toBe(page);
});

describe('the drawing of the rooms', () => {
  it.each([
    [
      ['a → b', 'b → c', 'a → c'],
      ['a → b', 'b → c'],
    ],
    [
      ['a → b', 'a → c', 'a → d', 'b → d'],
      ['a → b', 'a → c', 'b → d'],
    ],
    // An arrow upwards stays, since nothing else leads there.
    [
      ['a → b', 'b → c', 'a → c', 'c → a'],
      ['a → b', 'b → c', 'c → a'],
    ],
  ])('of %j has %j', (arrows, drawn) => {
    expect(withoutImplied(arrows.map(pair)).map(({ from, to }) => `${from} → ${to}`)).toEqual(drawn);
  });

  it('has each pair of rooms once, of files that are no tests', () => {
    const imports = ['cli/a.ts → infra/b.ts', 'cli/c.ts → infra/d.ts', 'cli/a.ts → cli/c.ts', 'lab/demo/test/a.test.ts → cli/a.ts'];
    expect(arrowsOf(imports.map(pair))).toEqual([pair('cli → infra')]);
  });

  it.each([
    ['functions/shared/poll.ts', 'functions/shared'],
    ['functions/sweep/sweep.ts', 'functions/*'],
    ['lab/local-aws/cloud.ts', 'lab/local-aws'],
    ['server/documents/deploy-documents.ts', 'server'],
    ['test/until.ts', undefined],
  ])('puts %s into %s', (file, room) => {
    expect(roomOf(file)).toBe(room);
  });

  it('would show an arrow upwards', () => {
    const imports = ['cli/a.ts → infra/b.ts', 'infra/b.ts → functions/deploy/c.ts', 'functions/deploy/c.ts → cli/a.ts'].map(pair);
    expect(drawRooms(imports)).toContain('functions_capabilities --> cli');
  });

  it('has every folder of code at the top', () => {
    const without = ['docs', 'ops', 'test', 'node_modules', 'dist'];
    const folders = readdirSync(REPOSITORY, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
    expect(folders.map(({ name }) => name).filter((name) => !without.includes(name))).toEqual([...TOP].sort());
  });
});

describe('the drawing of what runs where', () => {
  it.each([
    ['AWS::Lambda::Function', 'FunctionName'],
    ['AWS::StepFunctions::StateMachine', 'StateMachineName'],
    ['AWS::SSM::Document', 'Name'],
  ])('has every %s', (type, key) => {
    const drawing = drawParts(parts);
    for (const { Properties } of app.resources(type)) expect(drawing).toContain(String(Properties[key]).replace(/^holdfast-(web-)?/, ''));
  });

  it('has every function that the templates put into the VPC in that box, and no other', () => {
    const inVpc = app.resources('AWS::Lambda::Function').filter(({ Properties }) => 'VpcConfig' in Properties);
    const drawn = groupParts(parts).flatMap((group) => (group.box === 'vpc' ? group.parts.filter(({ kind }) => kind === 'function') : []));
    expect(drawn.map(({ id }) => id).sort()).toEqual(inVpc.map(({ Properties }) => `function ${Properties['FunctionName']}`).sort());
  });

  it('has what starts each state machine, and each function that is no machine’s', () => {
    const started = new Set(parts.calls.map(({ to }) => to));
    const withoutStarter = parts.parts.filter(({ id, kind }) => (kind === 'machine' || kind === 'function') && !started.has(id));
    expect(withoutStarter).toEqual([]);
  });

  it.each([
    'starter aws.states → machine holdfast-web-clean-up',
    'machine holdfast-web-deploy → machine holdfast-web-roll-target',
    'machine holdfast-web-roll-target → function holdfast-web-deploy-traffic',
    'function holdfast-web-deploy-command → document holdfast-wait-idle',
    'function holdfast-store-sweep → store',
    'function holdfast-incidents-tend → topic holdfast-alarms',
    'people → machine holdfast-web-deploy',
  ])('knows %s', (call) => {
    expect(parts.calls).toContainEqual(pair(call));
  });

  it('names the Python file of each document', () => {
    const labels = parts.parts.flatMap(({ kind, label }) => (kind === 'document' ? [label] : []));
    expect(labels).toContain('wait-idle: wait_idle.py');
    for (const label of labels) expect(existsSync(path.join(REPOSITORY, 'server/documents', label.split(': ')[1] as string))).toBe(true);
  });
});
