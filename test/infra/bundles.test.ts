/** What Lambda gets: small modules, whose errors still say what they are and where they come from. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { decode } from '@jridgewell/sourcemap-codec';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FunctionCode, findFunctions } from '../../lab/bench/cold/find-functions.ts';
import { LARGEST_BYTES, overLimits, tableOf } from '../../lab/bench/cold/judge-functions.ts';
import { measureImport } from '../../lab/bench/cold/measure-import.ts';
import { medianOf } from '../../lab/bench/median.ts';
import { CARRIED } from './carried-calls.ts';
import { statementsOf } from './role-statements.ts';
import { AWS_CONFIG, type FoundResource, SynthesizedApp } from './synthesized.ts';

vi.unmock('../../infra/constructs/bundle-function.ts');

let app: SynthesizedApp;
let functions: FunctionCode[];
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG, { bundles: true });
  functions = findFunctions(app.folder);
});
afterAll(() => app?.remove());

const code = (role: string): FunctionCode => {
  const found = functions.find(({ name }) => name.endsWith(role));
  if (!found) throw new Error(`there is no function ${role} among ${functions.map(({ name }) => name).join(', ')}`);
  return found;
};

const sourcesOf = (file: string) => (JSON.parse(readFileSync(`${file}.map`, 'utf8')) as { sources: string[] }).sources;

/** The adapter of records has each of these calls in every bundle, its library a scan too; a role allows those that its function's records need. */
const OF_RECORDS = ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'DeleteItem', 'UpdateItem', 'Scan'];

/** AWS calls in a function's bundle by SDK clients: names are minified, but its source map lists the modules of the commands. */
function callsOf(found: FoundResource): string[] {
  const folder = /^([0-9a-f]{64})\.zip$/.exec((found.Properties['Code'] as { S3Key: string }).S3Key)?.[1];
  const sources = sourcesOf(path.join(app.folder, `asset.${folder}`, 'index.js'));
  const calls = sources.flatMap((source) => /@aws-sdk\/client-[\w-]+\/.*\/commands\/(\w+)Command\.js$/.exec(source)?.[1] ?? []);
  // Calls of S3 Express and of endpoint discovery: clients contain them, and do not make them here.
  return [...new Set(calls)].filter((call) => !['CreateSession', 'DescribeEndpoints', ...OF_RECORDS].includes(call));
}

/** What the handler of a bundle throws, in a process of its own as on Lambda. */
async function thrownBy(role: string, event: object, environment: Record<string, string>): Promise<{ name: string; stack: string }> {
  const program = `const { handler } = require(process.argv[1]);
    handler(${JSON.stringify(event)}).catch(({ name, stack }) => process.stderr.write(JSON.stringify({ name, stack })));`;
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=commonjs', '--eval', program, code(role).file], {
    env: { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', ...environment },
  });
  // Log lines come before it.
  return JSON.parse(stderr.trim().split('\n').at(-1) as string) as { name: string; stack: string };
}

describe('the code of every function', () => {
  it('is measured: every function of every stack', () => {
    const own = app.resources('AWS::Lambda::Function').filter(({ Properties }) => Properties['FunctionName'] !== undefined);
    expect(functions.map(({ name }) => name)).toEqual(own.map(({ Properties }) => String(Properties['FunctionName'])).sort());
  });

  it(`has at most ${LARGEST_BYTES} bytes, without its source map`, () => {
    for (const { name, bytes } of functions) expect(bytes, name).toBeLessThanOrEqual(LARGEST_BYTES);
  });

  it('has a source map next to it, which names files of this repository only', () => {
    for (const { name, file } of functions) {
      const { sources, sourcesContent } = JSON.parse(readFileSync(`${file}.map`, 'utf8')) as {
        sources: string[];
        sourcesContent?: unknown;
      };
      expect(sourcesContent, name).toBeUndefined();
      expect(
        sources.filter((source) => !existsSync(source)),
        name,
      ).toEqual([]);
    }
  });

  it('has mappings to our own sources, and none to those of dependencies', () => {
    for (const { name, file } of functions) {
      const { sources, mappings } = JSON.parse(readFileSync(`${file}.map`, 'utf8')) as { sources: string[]; mappings: string };
      const mapped = new Set(
        decode(mappings).flatMap((line) => line.flatMap(([, source]) => (source === undefined ? [] : [sources[source] ?? '']))),
      );
      expect(
        [...mapped].filter((source) => source.includes('node_modules/')),
        name,
      ).toEqual([]);
      expect([...mapped].filter((source) => source.endsWith('/handler.ts')).length, name).toBeGreaterThan(0);
    }
  });

  it('has one language of zod, and no credential providers but the environment of the function', () => {
    for (const { name, file } of functions) {
      const sources = sourcesOf(file);
      expect(
        sources.filter((source) => /zod\/v4\/(locales\/(?!en\.js)|classic)/.test(source)),
        name,
      ).toEqual([]);
      expect(
        sources.filter((source) => /credential-provider|token-providers/.test(source)),
        name,
      ).toEqual([]);
    }
  });

  it('makes no call that the role of its function does not allow', () => {
    const own = app.resources('AWS::Lambda::Function');
    const refused = own.flatMap((found) => {
      const name = String(found.Properties['FunctionName']);
      const allowed = new Set(statementsOf(app, found).flatMap(({ actions }) => actions.map((action) => action.split(':')[1])));
      return callsOf(found)
        .filter((call) => !allowed.has(call) && !CARRIED[name]?.includes(call))
        .map((call) => `${name}: ${call}`);
    });
    expect(refused).toEqual([]);
    expect(own.flatMap(callsOf)).toEqual(expect.arrayContaining(['CancelCommand', 'CompleteLifecycleAction']));
  });

  it('has mitigations only where they are carried out, and their clients in no function that decides or reports', () => {
    const carrying = functions.filter(({ file }) => sourcesOf(file).some((source) => source.includes('functions/incidents/mitigate/')));
    expect(carrying.map(({ name }) => name)).toEqual([code('incidents-mitigate').name]);
    const clients = sourcesOf(code('incidents-control').file).flatMap((source) => /@aws-sdk\/client-([\w-]+)/.exec(source)?.[1] ?? []);
    expect([...new Set(clients)].toSorted()).toEqual(['dynamodb', 's3', 'sns']);
  });
});

describe('an error in a minified bundle', () => {
  const FLEET = {
    HOLDFAST_FLEET: 'shop',
    HOLDFAST_RECORDS_TABLE: 'records',
    HOLDFAST_DEPLOY_SETTINGS: '{}',
    HOLDFAST_DEPLOYS_TOPIC_ARN: 'arn',
  };

  it("has the name that Step Functions' Retry and Catch match", async () => {
    const { name } = await thrownBy('deploy-control', { step: 'validate', input: {} }, {});
    expect(name).toBe('MissingEnvironment');
  });

  it('that nobody expected has the places of the source files in its stack', async () => {
    const { name, stack } = await thrownBy('deploy-control', { step: 'acquireLock' }, FLEET);
    expect(name).toBe('TypeError');
    expect(stack).toMatch(/ at \S+ \(functions\/deploy\/control\/control\.ts:\d+:\d+\)/);
  });
});

describe('bench:cold', () => {
  it('measures an import in processes of their own, in milliseconds', async () => {
    const importMs = await measureImport(code('deploys-widget').file, 1);
    expect(importMs).toBeGreaterThan(1);
    expect(medianOf([5, 1, 9, 7, 3])).toBe(5);
  });

  it('names each function that is over a limit', () => {
    const over = [
      { name: 'large', bytes: LARGEST_BYTES + 1, importMs: 110 },
      { name: 'slow', bytes: LARGEST_BYTES, importMs: 110.1 },
    ];
    expect(overLimits(over)).toEqual(['large has 875001 bytes of code, more than 875000', 'slow takes 110.1 ms to import, more than 110']);
    expect(tableOf(over)).toMatch(/^function +code +import\nlarge +875 KB +110\.0 ms\nslow +875 KB +110\.1 ms\n$/);
  });
});
