import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseContent } from '#local-aws/ssm/document-content.ts';
import { whyGoRefuses } from '#local-aws/ssm/go-pattern.ts';
import { DOCUMENT_STEPS, DOCUMENTS } from '../../../functions/instance/document-contract.ts';
import { bundleContent, type DocumentKey, documentContent, prepareContent } from '../../../server/documents/deploy-documents.ts';
import { READ_CONTENTS } from '../../../server/documents/read-logs.ts';
import { scriptOf } from './unpack.ts';

const ofDeploys = (Object.keys(DOCUMENTS) as DocumentKey[]).map(
  (key) => [key, DOCUMENT_STEPS[key], documentContent(key, 'my-releases')] as const,
);

const ofIncidents = READ_CONTENTS.map(([name, step, content]) => [name, step, content()] as const);

const ofBundles = ['install of bundles', DOCUMENT_STEPS.install, bundleContent('my-releases', 'shop')] as const;

const EVERY = [...ofDeploys, ...ofIncidents, ofBundles];

describe.each(EVERY)('document %s', (_key, resultStep, content) => {
  it('is a Command document of schema 2.2, with a third of the size limit in reserve', () => {
    expect(parseContent(JSON.stringify(content)).schemaVersion).toBe('2.2');
    // Systems Manager accepts 64 KB: 65,536.
    expect(Buffer.byteLength(JSON.stringify(content))).toBeLessThan(44_000);
  });

  it('puts no parameter into the text of its script', () => {
    for (const step of content.mainSteps.filter(({ action }) => action === 'aws:runShellScript'))
      expect(JSON.stringify(step.inputs['runCommand'])).not.toContain('{{');
  });

  it('passes parameters as variables, each with an anchored pattern', () => {
    for (const [name, parameter] of Object.entries(content.parameters)) {
      expect(parameter.allowedPattern).toMatch(/^\^.*\$$/);
      expect(parameter.interpolationType, name).toBe(['releaseUrl', 'executionTimeout'].includes(name) ? undefined : 'ENV_VAR');
      expect(name).toMatch(/^[A-Za-z0-9]+$/);
    }
  });

  it('runs on Linux only and has a time-out, and prints its result in the step that the contract names', () => {
    for (const step of content.mainSteps) expect(step.precondition).toEqual({ StringEquals: ['platformType', 'Linux'] });
    const step = content.mainSteps.find(({ name }) => name === resultStep);
    const seconds = `${step?.inputs['timeoutSeconds']}`;
    expect(Number(/executionTimeout/.test(seconds) ? content.parameters['executionTimeout']?.default : seconds)).toBeGreaterThan(60);
  });

  it('has no regular expression with another meaning in Java or Go', () => {
    for (const { allowedPattern } of Object.values(content.parameters)) expect(allowedPattern).not.toMatch(/\\[dwsbDWSB]|\(\?/);
  });

  it('has no regular expression that the agent does not compile: it would run the document on no server', () => {
    for (const [name, { allowedPattern }] of Object.entries(content.parameters))
      expect([name, whyGoRefuses(allowedPattern)]).toEqual([name, undefined]);
  });
});

it('each document is Python 3.9, and begins nothing that an older one cannot run', () => {
  // As on Amazon Linux 2, with 3.7.
  const check = `
import ast, json, sys
scripts = json.load(sys.stdin)
for script in scripts:
    ast.parse(script, feature_version=(3, 9))
sys.version_info = (3, 7, 16)
ends = []
for script in scripts:
    try:
        exec(script, dict(__name__="__main__"))
    except SystemExit as end:
        ends.append(end.code)
print(json.dumps(ends))`;
  const input = JSON.stringify(EVERY.map(([, step, content]) => scriptOf(content, step)));
  const { stdout, stderr } = spawnSync('python3', ['-c', check], { input, encoding: 'utf8', timeout: 120_000 });
  expect([stderr, JSON.parse(stdout || '[]')]).toEqual([
    '',
    EVERY.map(() => "Holdfast needs Python 3.9 or later, and this server's is 3.7"),
  ]);
});

it('a document whose pattern counts above 1,000 is refused, as its agent would', () => {
  const content = documentContent('observe', 'my-releases');
  const sessions = { ...content.parameters['sessions'], allowedPattern: '^[a-z]{0,8192}$' };
  const refused = JSON.stringify({ ...content, parameters: { ...content.parameters, sessions } });
  expect(() => parseContent(refused)).toThrow(/allowedPattern of sessions .* invalid repeat count/);
});

it("a fleet's own document has no parameter, and so no pattern", () => {
  expect(parseContent(JSON.stringify(prepareContent('true'))).parameters).toEqual({});
});

describe('releaseUrl', () => {
  const pattern = new RegExp(documentContent('install', 'my-releases').parameters['releaseUrl']?.allowedPattern ?? '');
  it.each([
    ['https://my-releases.s3.eu-west-1.amazonaws.com/web/1.4.2/release.tar.gz', true],
    ['https://my-releases.s3.eu-west-1.amazonaws.com/web/1.4.2@b7/release.tar.gz', true],
    ['https://my-releases.s3.cn-north-1.amazonaws.com.cn/web/1.4.2/release.tar.gz', true],
    ['https://my-releases.s3.eu-west-1.amazonaws.com/web/none/release.tar.gz', true],
    ['https://other-releases.s3.eu-west-1.amazonaws.com/web/1.4.2/release.tar.gz', false],
    ['https://my-releases.s3.eu-west-1.amazonaws.com/_incoming/web/1.4.2/release.tar.gz', false],
    ['https://my-releases.s3.eu-west-1.amazonaws.com/web/1.4.2/tarfile.py', false],
    ['http://my-releases.s3.eu-west-1.amazonaws.com/web/1/release.tar.gz', false],
    ['https://evil.example/web/1/release.tar.gz', false],
    ['https://evil.example/my-releases.s3.eu-west-1.amazonaws.com/web/1/release.tar.gz', false],
    ['https://my-releases.s3.eu-west-1.amazonaws.com/web/1/a","path":"x/release.tar.gz', false],
    ['https://my-releases.s3.eu-west-1.amazonaws.com/web/1 b/release.tar.gz', false],
    ['https://my-releases.s3.eu-west-1.amazonaws.com/web/1/release.tar.gz?versionId=1', false],
  ])('%s: %s', (url, allowed) => {
    expect(pattern.test(url)).toBe(allowed);
  });
});

describe('the install document of a fleet of bundles', () => {
  const { parameters, description } = bundleContent('my-releases', 'shop');
  const allows = (name: string, value: string) => new RegExp(parameters[name]?.allowedPattern ?? '').test(value);

  it('says what it is the permission to, and takes the releases of its fleet alone', () => {
    expect(description).toContain("runs the bundle's own scripts as root");
    const url = (fleet: string) => `https://my-releases.s3.eu-west-1.amazonaws.com/${fleet}/1.4.2/release.tar.gz`;
    expect(['shop', 'web', 'shop2', 'a/shop'].map((fleet) => allows('releaseUrl', url(fleet)))).toEqual([true, false, false, false]);
  });

  it.each([
    ['1', true],
    ['3600', true],
    ['172799', true],
    ['172800', true],
    ['0', false],
    ['172801', false],
    ['180000', false],
    ['200000', false],
    ['60s', false],
  ])('an execution time-out of %s: %s', (seconds, allowed) => {
    expect(allows('executionTimeout', seconds)).toBe(allowed);
  });
});
