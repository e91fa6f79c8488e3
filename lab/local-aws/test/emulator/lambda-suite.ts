import { describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import type { EmulatorName } from '../../emulator/emulator.ts';
import type { World } from './world.ts';

/** What a function has in its environment, with what this test declares and adds. */
const EVERY_NAME = [
  ...['ADDED_HERE', 'AWS_ENDPOINT_URL', 'DECLARED', 'LANG', 'TZ'],
  ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_DEFAULT_REGION', 'AWS_REGION'],
  ...['FUNCTION_MEMORY_SIZE', 'FUNCTION_NAME', 'FUNCTION_VERSION', 'LOG_STREAM_NAME', 'RUNTIME_API'].map((name) => `AWS_LAMBDA_${name}`),
  ...['LAMBDA_TASK_ROOT', '_HANDLER', '_X_AMZN_TRACE_ID'],
];
const MORE_NAMES: Readonly<Record<EmulatorName, readonly string[]>> = {
  // The shell of the bootstrap sets PWD.
  ministack: ['HOLDFAST_BOOTSTRAP', 'HOLDFAST_NODE', 'PWD'],
  localstack: ['AWS_EXECUTION_ENV', 'AWS_LAMBDA_INITIALIZATION_TYPE', 'AWS_LAMBDA_LOG_GROUP_NAME'],
};

/** Functions run as on the Lambda Runtime API. */
export function describeLambda(world: () => World): void {
  describe('functions', () => {
    it('stay warm between invocations, also after an error', async () => {
      await world().makeFunction(
        'warm',
        'let count = 0; export const handler = async (event) => { count += 1; if (event.fail) throw new Error("no"); return { count, pid: process.pid }; };',
      );
      const first = await world().invoke('warm');
      const failed = await world().invoke('warm', { fail: true });
      const third = await world().invoke('warm');
      expect([first.value, failed.failure, third.value]).toMatchObject([{ count: 1 }, 'Unhandled', { count: 3 }]);
      expect((third.value as { pid: number }).pid).toBe((first.value as { pid: number }).pid);
    });

    it('answer a dry run without being run, and one that does not exist is missing', async () => {
      await world().makeFunction('tried', 'let count = 0; export const handler = async () => { count += 1; return count; };');
      expect(await world().dryRun('tried')).toBe(204);
      expect((await world().invoke('tried')).value).toBe(1);
      await expect(world().dryRun('not-there')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    });

    it('keep the names of their errors', async () => {
      await world().makeFunction(
        'throws',
        `class OutOfStock extends Error { name = 'OutOfStock'; }
         export const handler = async ({ what }) => { if (what === 'text') throw 'just text'; throw new OutOfStock('none left'); };`,
      );
      const own = await world().invoke('throws', {});
      expect(own).toMatchObject({
        failure: 'Unhandled',
        value: { errorType: 'OutOfStock', errorMessage: 'none left', trace: expect.any(Array) },
      });
      expect((await world().invoke('throws', { what: 'text' })).value).toMatchObject({ errorType: 'string', errorMessage: 'just text' });
    });

    it('are ended at their time-out, and answer again afterwards', async () => {
      await world().makeFunction(
        'slow',
        'let count = 0; export const handler = async (event) => { count += 1; if (event.hang) for (;;) {} return count; };',
        { timeoutSeconds: 1 },
      );
      expect(await world().invoke('slow', { hang: true })).toMatchObject({
        failure: 'Unhandled',
        value: { errorType: 'Sandbox.Timedout', errorMessage: expect.stringContaining('timed out after 1.00 seconds') },
      });
      expect((await world().invoke('slow')).value).toBe(1);
    });

    it('that end their process fail by name, and answer again afterwards', async () => {
      await world().makeFunction('exits', 'export const handler = async (event) => { if (event.exit) process.exit(3); return "back"; };');
      expect(await world().invoke('exits', { exit: true })).toMatchObject({
        failure: 'Unhandled',
        value: { errorType: 'Runtime.ExitError' },
      });
      expect((await world().invoke('exits')).value).toBe('back');
    });

    it.each([
      [
        'without a file',
        'missing.handler',
        'export const handler = async () => 1;',
        'Runtime.ImportModuleError',
        "Cannot find module 'missing'",
      ],
      ['without an export', 'index.other', 'export const handler = async () => 1;', 'Runtime.HandlerNotFound', 'index.other is undefined'],
      ['with a missing import', 'index.handler', 'import "not-there"; export const handler = 1;', 'Runtime.ImportModuleError', 'not-there'],
      ['with a slip of syntax', 'index.handler', 'export const handler = (', 'Runtime.UserCodeSyntaxError', 'Unexpected'],
      [
        'whose module throws',
        'index.handler',
        'class NoSettings extends Error { name = "NoSettings" } throw new NoSettings("unset");',
        'NoSettings',
        'unset',
      ],
    ])('%s cannot be loaded, and the error says so', async (title, handler, code, errorType, message) => {
      const name = `load-${title.replaceAll(' ', '-')}`;
      await world().makeFunction(name, code, { handler });
      expect(await world().invoke(name)).toMatchObject({
        failure: 'Unhandled',
        value: { errorType, errorMessage: expect.stringContaining(message) },
      });
    });

    it.each([
      ['a promise', 'exports.handler = async (event) => ({ got: event.a });', { got: 1 }],
      ['a callback', 'exports.handler = (event, context, done) => setTimeout(() => done(null, { got: event.a }), 5);', { got: 1 }],
      ['a plain value', 'exports.handler = (event) => ({ got: event.a });', { got: 1 }],
      ['nothing', 'exports.handler = async () => {};', null],
    ])('in CommonJS answer by %s', async (way, code, value) => {
      const name = `cjs-${way.replaceAll(' ', '-')}`;
      await world().makeFunction(name, code, { file: 'index.js' });
      expect(await world().invoke(name, { a: 1 })).toEqual({ value });
    });

    it('in CommonJS fail by a callback, with the name of the error', async () => {
      await world().makeFunction('cjs-fails', 'exports.handler = (event, context, done) => done(new TypeError("wrong"));', {
        file: 'index.cjs',
      });
      expect(await world().invoke('cjs-fails')).toMatchObject({
        failure: 'Unhandled',
        value: { errorType: 'TypeError', errorMessage: 'wrong' },
      });
    });

    it('get their name and the time that they have left', async () => {
      const arn = await world().makeFunction(
        'context',
        'export const handler = async (event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() });',
        { timeoutSeconds: 5 },
      );
      const { value } = await world().invoke('context');
      expect(value).toMatchObject({
        functionName: 'context',
        invokedFunctionArn: arn,
        awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
      expect((value as { remaining: number }).remaining).toBeGreaterThan(3_000);
      expect((value as { remaining: number }).remaining).toBeLessThanOrEqual(5_000);
    });

    it("have the environment of their template, the runtime's and what is added here, and nothing of the host's", async () => {
      await world().makeFunction('environment', 'export const handler = async () => process.env;', {
        environment: { DECLARED: 'a', AWS_LAMBDA_FUNCTION_NAME: 'forged', ADDED_HERE: 'forged' },
      });
      const environment = (await world().invoke('environment')).value as Record<string, string>;
      expect(environment).toMatchObject({
        DECLARED: 'a',
        AWS_LAMBDA_FUNCTION_NAME: 'environment',
        ADDED_HERE: 'yes',
        AWS_REGION: 'us-east-1',
      });
      expect(environment['AWS_ENDPOINT_URL']).toBe(world().config.endpoint);
      expect(Object.keys(environment).sort()).toEqual([...EVERY_NAME, ...MORE_NAMES[world().emulator]].sort());
    });

    it('hand log lines with embedded metrics on, and no others', async () => {
      const line = '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[]},"Drains":1}';
      await world().makeFunction(
        'emf',
        `export const handler = async () => { console.log('plain'); console.log(${JSON.stringify(line)}); };`,
      );
      await world().invoke('emf');
      const found = await until(async () => {
        const lines = world().logLines.filter(({ logGroup }) => logGroup === '/aws/lambda/emf');
        return lines.length > 0 ? lines : undefined;
      });
      expect(found.map(({ message }) => message)).toEqual([line]);
    });
  });
}
