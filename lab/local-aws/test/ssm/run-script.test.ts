import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scriptDocument } from '../../../demo/test/aws/instances/test-fleet.ts';
import { type CommandFleet, startCommandFleet } from './command-fleet.ts';

let fleet: CommandFleet['fleet'];
let instanceId: string;
let run: CommandFleet['run'];
let send: CommandFleet['send'];

beforeAll(async () => {
  ({ fleet, instanceId, run, send } = await startCommandFleet({ allowedPattern: '^[0-9][0-9A-Za-z._+-]{0,63}$' }));
  await fleet.call('CreateDocument', {
    Name: 'harmless',
    Content: scriptDocument(['printf "%s" "$SSM_value"'], {}, { value: { type: 'String', interpolationType: 'ENV_VAR' } }),
  });
});
afterAll(() => fleet.stop());

const code = (wanted: string): unknown => expect.objectContaining({ name: 'AwsError', code: wanted });

describe('parameters', () => {
  it.each(['1.0; id', '1.0$(id)', '1.0`id`', '1.0\nid', "1.0'", '1.0"', '-rf', '', '1.0 && id', '{{ version }}'])(
    'refuses %j by the allowed pattern',
    async (version) => {
      await expect(run('say', { version })).rejects.toEqual(code('InvalidParameters'));
    },
  );

  it.each(['$(touch pwned)', '`touch pwned`', '"; touch pwned; "', "'; touch pwned; '", '{{ value }}', '%s%n', 'a\nb'])(
    'hands %j over as data',
    async (value) => {
      const outcome = await run('harmless', { value });
      expect(outcome).toMatchObject({ Status: 'Success', StandardOutputContent: value });
      const commands = join(fleet.instances.get(instanceId)?.folder ?? '', 'var/lib/amazon/ssm', instanceId, 'document/orchestration');
      expect(readdirSync(commands, { recursive: true }).filter((name) => String(name).endsWith('pwned'))).toEqual([]);
    },
  );

  it('refuses unknown and missing ones', async () => {
    await expect(run('say', { version: '1.0', other: 'x' })).rejects.toEqual(code('InvalidParameters'));
    await expect(run('say')).rejects.toEqual(code('InvalidParameters'));
  });

  it('sets the variable for an agent that knows it, and not for an older one', async () => {
    expect((await run('say', { version: '1.0' })).StandardOutputContent).toBe('version=1.0\n');
    fleet.instances.setAgentVersion(instanceId, '3.3.2745.9');
    expect((await run('say', { version: '1.0' })).StandardOutputContent).toBe('version=unset\n');
    fleet.instances.setAgentVersion(instanceId, '3.3.2746.0');
    expect((await run('say', { version: '1.0' })).StandardOutputContent).toBe('version=1.0\n');
  });

  it('puts the others into the text, a list as a list', async () => {
    const Parameters = { commands: ['echo one', 'echo two'] };
    const commandId = await send('AWS-RunShellScript', { Parameters });
    expect((await fleet.wait(instanceId, commandId)).StandardOutputContent).toBe('one\ntwo\n');
  });
});

describe('a script', () => {
  it("runs with the machine's environment only, in the download folder of its command", async () => {
    await fleet.call('CreateDocument', {
      Name: 'where',
      Content: scriptDocument(['pwd; echo "$HOLDFAST_ROOT"; env | cut -d= -f1 | sort | tr "\\n" " "; type systemctl']),
    });
    const { StandardOutputContent } = await run('where');
    const folder = fleet.instances.get(instanceId)?.folder ?? '';
    expect(StandardOutputContent).toContain(`${folder}/opt/holdfast`);
    expect(StandardOutputContent).toContain(`${folder}/bin/systemctl`);
    expect(StandardOutputContent).toContain('SSM_COMMAND_ID');
    expect(StandardOutputContent).not.toMatch(/npm_|VITEST/);
  });

  it('returns its exit code, and after a failed step the next one still runs', async () => {
    const step = (name: string, line: string, inputs: object = {}): object => ({
      action: 'aws:runShellScript',
      name,
      inputs: { runCommand: [line], ...inputs },
    });
    const content = (inputs: object): string =>
      JSON.stringify({ schemaVersion: '2.2', mainSteps: [step('first', 'exit 5', inputs), step('second', 'echo ran')] });
    await fleet.call('CreateDocument', { Name: 'two-steps', Content: content({}) });
    const commandId = await send('two-steps');
    const whole = await fleet.wait(instanceId, commandId);
    expect(whole).toMatchObject({ Status: 'Failed', ResponseCode: 5, StandardOutputContent: '' });
    expect(await fleet.wait(instanceId, commandId, 'first')).toMatchObject({
      Status: 'Failed',
      StandardErrorContent: 'failed to run commands: exit status 5',
    });
    expect(await fleet.wait(instanceId, commandId, 'second')).toMatchObject({ Status: 'Success', StandardOutputContent: 'ran\n' });
    await expect(fleet.wait(instanceId, commandId, 'third')).rejects.toEqual(code('InvalidPluginName'));
    await fleet.call('UpdateDocument', { Name: 'two-steps', Content: content({ onFailure: 'exit' }), DocumentVersion: '$LATEST' });
    const again = await send('two-steps', { DocumentVersion: '$LATEST' });
    expect(await fleet.wait(instanceId, again, 'second')).toMatchObject({ StandardOutputContent: '' });
  });

  it('is skipped on another platform', async () => {
    const mainSteps = [
      {
        action: 'aws:runShellScript',
        name: 'run',
        precondition: { StringEquals: ['platformType', 'Windows'] },
        inputs: { runCommand: ['echo no'] },
      },
    ];
    await fleet.call('CreateDocument', { Name: 'windows-only', Content: JSON.stringify({ schemaVersion: '2.2', mainSteps }) });
    expect(await run('windows-only')).toMatchObject({ Status: 'Success', StandardOutputContent: '' });
  });

  it('has its output cut at 24,000 characters, and at 8,000 the errors', async () => {
    await fleet.call('CreateDocument', {
      Name: 'chatty',
      Content: scriptDocument([
        'i=0; while [ $i -lt 6000 ]; do echo 0123456789; i=$((i+1)); done; head -c 20000 /dev/zero | tr "\\0" e >&2',
      ]),
    });
    const outcome = await run('chatty');
    expect(outcome.StandardOutputContent).toHaveLength(24_000);
    expect(outcome.StandardOutputContent.endsWith('--output truncated--')).toBe(true);
    expect(outcome.StandardErrorContent).toHaveLength(8_000);
  });

  it('is killed with everything that it began when its time is over', async () => {
    await fleet.call('CreateDocument', {
      Name: 'endless',
      Content: scriptDocument(['echo begun', 'sleep 30 & sleep 30', 'touch survived'], { timeoutSeconds: '5' }),
    });
    const outcome = await run('endless');
    expect(outcome).toMatchObject({
      Status: 'TimedOut',
      StatusDetails: 'ExecutionTimedOut',
      ResponseCode: 137,
      StandardOutputContent: 'begun\n',
    });
  });
});

describe('downloads', () => {
  it('keep a document from writing outside the machine', async () => {
    fleet.objects.set('https://b.s3.us-east-1.amazonaws.com/x/file', Buffer.from('content'));
    const step = {
      action: 'aws:downloadContent',
      name: 'get',
      inputs: { sourceType: 'S3', sourceInfo: '{"path":"https://b.s3.us-east-1.amazonaws.com/x/file"}', destinationPath: '/opt/placed' },
    };
    await fleet.call('CreateDocument', { Name: 'placer', Content: JSON.stringify({ schemaVersion: '2.2', mainSteps: [step] }) });
    expect(await run('placer')).toMatchObject({ Status: 'Success' });
    expect(existsSync('/opt/placed')).toBe(false);
    expect(existsSync(join(fleet.instances.get(instanceId)?.folder ?? '', 'opt/placed'))).toBe(true);
  });
});

it("keeps the folders of a machine's newest commands only", async () => {
  const commands = join(fleet.instances.get(instanceId)?.folder ?? '', 'var/lib/amazon/ssm', instanceId, 'document/orchestration');
  for (let count = 0; count < 10; count += 1) await run('say', { version: `1.${count}` });
  expect(readdirSync(commands)).toHaveLength(8);
});
