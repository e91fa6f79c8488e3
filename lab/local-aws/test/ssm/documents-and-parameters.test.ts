import { describe, expect, it } from 'vitest';
import type { CallContext, LocalService, ResourceProvider } from '../../service/service.ts';
import { createSsmService } from '../../ssm/service.ts';

const CONTEXT: CallContext = { region: 'eu-west-1', accountId: '000000000000', accessKeyId: 'test' };

function service(): LocalService {
  return createSsmService({
    now: () => 1_000_500,
    region: CONTEXT.region,
    accountId: CONTEXT.accountId,
    instances: { get: () => undefined, list: () => [] },
    fetchObject: () => Promise.reject(new Error('not asked')),
    events: { put: async () => undefined },
    log: () => undefined,
  });
}

const content = (line: string): string =>
  JSON.stringify({ schemaVersion: '2.2', mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { runCommand: [line] } }] });
const code = (wanted: string): unknown => expect.objectContaining({ name: 'AwsError', code: wanted });

function caller(ssm: LocalService): (operation: string, input: object) => Promise<Record<string, unknown>> {
  return async (operation, input) =>
    ((await ssm.operations[operation]?.(input as Record<string, unknown>, CONTEXT)) ?? {}) as Record<string, unknown>;
}

describe('documents', () => {
  it('have versions, one of them the default', async () => {
    const call = caller(service());
    await call('CreateDocument', { Name: 'doc', Content: content('one'), DocumentType: 'Command', Tags: [{ Key: 'a', Value: 'b' }] });
    await call('UpdateDocument', { Name: 'doc', Content: content('two'), DocumentVersion: '$LATEST' });
    expect(await call('DescribeDocument', { Name: 'doc' })).toMatchObject({
      Document: { DocumentVersion: '1', LatestVersion: '2', DefaultVersion: '1', CreatedDate: 1000.5, Tags: [{ Key: 'a', Value: 'b' }] },
    });
    await call('UpdateDocumentDefaultVersion', { Name: 'doc', DocumentVersion: '2' });
    expect(await call('GetDocument', { Name: 'doc' })).toMatchObject({ DocumentVersion: '2', Content: content('two') });
    expect(await call('GetDocument', { Name: 'arn:aws:ssm:eu-west-1:000000000000:document/doc', DocumentVersion: '1' })).toMatchObject({
      Content: content('one'),
    });
    await call('DeleteDocument', { Name: 'doc' });
    await expect(call('GetDocument', { Name: 'doc' })).rejects.toEqual(code('InvalidDocument'));
  });

  it.each([
    ['DocumentAlreadyExists', 'CreateDocument', { Name: 'doc', Content: content('x') }],
    ['DuplicateDocumentContent', 'UpdateDocument', { Name: 'doc', Content: content('one') }],
    ['InvalidDocument', 'UpdateDocument', { Name: 'nothing', Content: content('x') }],
    ['InvalidDocumentVersion', 'UpdateDocumentDefaultVersion', { Name: 'doc', DocumentVersion: '7' }],
    ['InvalidDocument', 'DeleteDocument', { Name: 'nothing' }],
    ['InvalidDocumentContent', 'CreateDocument', { Name: 'new', Content: 'no json' }],
    ['InvalidDocumentContent', 'CreateDocument', { Name: 'new', Content: '{"schemaVersion":"2.2","mainSteps":[]}' }],
    ['InvalidDocumentContent', 'CreateDocument', { Name: 'new', Content: content('echo {{ undefinedOne }}') }],
    ['ValidationException', 'CreateDocument', { Name: 'aws-mine', Content: content('x') }],
    ['InvalidDocumentType', 'CreateDocument', { Name: 'new', Content: content('x'), DocumentType: 'Automation' }],
  ])('are refused with %s: %s %j', async (wanted, operation, input) => {
    const call = caller(service());
    await call('CreateDocument', { Name: 'doc', Content: content('one') });
    await expect(call(operation, input)).rejects.toEqual(code(wanted));
  });
});

describe('AWS::SSM::Document', () => {
  const request = (properties: Record<string, unknown>) => ({
    type: 'AWS::SSM::Document',
    logicalId: 'Doc',
    stackName: 'stack',
    properties,
  });

  it('gets a new version when its content changes with UpdateMethod NewVersion, and keeps its default one', async () => {
    const ssm = service();
    const call = caller(ssm);
    const provider = ssm.resourceTypes['AWS::SSM::Document'] as ResourceProvider;
    const first = { Name: 'doc', Content: JSON.parse(content('one')), DocumentType: 'Command', UpdateMethod: 'NewVersion' };
    const { physicalId } = await provider.create(request(first));
    expect(physicalId).toBe('doc');
    const second = { ...first, Content: JSON.parse(content('two')) };
    await provider.update({ ...request(second), physicalId, previous: first });
    expect(await call('DescribeDocument', { Name: 'doc' })).toMatchObject({ Document: { LatestVersion: '2', DefaultVersion: '1' } });
    await provider.update({ ...request(second), physicalId, previous: second });
    await expect(provider.update({ ...request({ ...second, UpdateMethod: 'Replace' }), physicalId, previous: second })).rejects.toEqual(
      code('ValidationError'),
    );
    await provider.delete({ ...request(second), physicalId });
    await provider.delete({ ...request(second), physicalId });
  });

  it('gets a name when it has none, and another when it is replaced', async () => {
    const provider = service().resourceTypes['AWS::SSM::Document'] as ResourceProvider;
    const properties = { Content: content('one') };
    const { physicalId } = await provider.create(request(properties));
    expect(physicalId).toMatch(/^stack-Doc-[0-9A-F]{12}$/);
    const updated = await provider.update({ ...request({ Content: content('two') }), physicalId, previous: properties });
    expect(updated.physicalId).not.toBe(physicalId);
  });
});

describe('parameters', () => {
  it('are put, read in every form of the name, and deleted', async () => {
    const call = caller(service());
    const Name = '/cdk-bootstrap/hnb659fds/version';
    expect(await call('PutParameter', { Name, Value: '21', Type: 'String' })).toEqual({ Version: 1, Tier: 'Standard' });
    expect(await call('PutParameter', { Name, Value: '22', Overwrite: true })).toMatchObject({ Version: 2 });
    expect(await call('GetParameter', { Name })).toMatchObject({
      Parameter: { Value: '22', Version: 2, Type: 'String', ARN: `arn:aws:ssm:eu-west-1:000000000000:parameter${Name}` },
    });
    expect(await call('GetParameter', { Name: `${Name}:1` })).toMatchObject({ Parameter: { Value: '21' } });
    expect(await call('GetParameter', { Name: `arn:aws:ssm:eu-west-1:000000000000:parameter${Name}` })).toMatchObject({
      Parameter: { Value: '22' },
    });
    expect(await call('GetParameters', { Names: [Name, 'nothing'] })).toMatchObject({
      Parameters: [{ Name }],
      InvalidParameters: ['nothing'],
    });
    await call('DeleteParameter', { Name });
    await expect(call('GetParameter', { Name })).rejects.toEqual(code('ParameterNotFound'));
  });

  it('are described by name, with their versions and without their values', async () => {
    const call = caller(service());
    for (const Name of ['/a', '/b']) await call('PutParameter', { Name, Value: 'x', Type: 'SecureString' });
    await call('PutParameter', { Name: '/a', Value: 'y', Overwrite: true });
    const described = await call('DescribeParameters', { ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values: ['/a', '/c'] }] });
    expect(described['Parameters']).toEqual([expect.objectContaining({ Name: '/a', Version: 2, Type: 'SecureString' })]);
    expect(JSON.stringify(described)).not.toContain('Value');
  });

  it('are listed below a path, page by page', async () => {
    const call = caller(service());
    for (const Name of ['/a/one', '/a/two', '/a/b/three', '/other']) await call('PutParameter', { Name, Value: 'x', Type: 'String' });
    const names = async (input: object): Promise<unknown> =>
      ((await call('GetParametersByPath', input))['Parameters'] as { Name: string }[]).map(({ Name }) => Name);
    expect(await names({ Path: '/a' })).toEqual(['/a/one', '/a/two']);
    expect(await names({ Path: '/a/', Recursive: true })).toEqual(['/a/b/three', '/a/one', '/a/two']);
    expect(await call('GetParametersByPath', { Path: '/a', Recursive: true, MaxResults: 1 })).toMatchObject({ NextToken: '1' });
    expect(await names({ Path: '/a', Recursive: true, MaxResults: 1, NextToken: '1' })).toEqual(['/a/one']);
  });

  it('of type SecureString are read only with decryption', async () => {
    const call = caller(service());
    await call('PutParameter', { Name: 'secret', Value: 'hidden', Type: 'SecureString' });
    expect(JSON.stringify(await call('GetParameter', { Name: 'secret' }))).not.toContain('hidden');
    expect(await call('GetParameter', { Name: 'secret', WithDecryption: true })).toMatchObject({ Parameter: { Value: 'hidden' } });
  });

  it.each([
    ['ParameterAlreadyExists', 'PutParameter', { Name: 'there', Value: 'x', Type: 'String' }],
    ['ValidationException', 'PutParameter', { Name: 'new', Value: 'x' }],
    ['ValidationException', 'PutParameter', { Name: 'new one', Value: 'x', Type: 'String' }],
    ['ValidationException', 'PutParameter', { Name: 'new', Value: 'x'.repeat(4_097), Type: 'String' }],
    ['ValidationException', 'PutParameter', { Name: 'new', Value: 'of {{ssm:there}}', Type: 'String' }],
    ['ParameterPatternMismatchException', 'PutParameter', { Name: 'new', Value: 'x', Type: 'String', AllowedPattern: '^y$' }],
    ['ParameterVersionNotFound', 'GetParameter', { Name: 'there:9' }],
    ['ParameterNotFound', 'DeleteParameter', { Name: 'nothing' }],
  ])('are refused with %s: %s %j', async (wanted, operation, input) => {
    const call = caller(service());
    await call('PutParameter', { Name: 'there', Value: 'x', Type: 'String' });
    await expect(call(operation, input)).rejects.toEqual(code(wanted));
  });
});

describe('AWS::SSM::Parameter', () => {
  it('returns its name for Ref, and type and value for GetAtt', async () => {
    const provider = service().resourceTypes['AWS::SSM::Parameter'] as ResourceProvider;
    const request = (Value: string, Name?: string) => ({
      type: 'AWS::SSM::Parameter',
      logicalId: 'Param',
      stackName: 'stack',
      properties: { Type: 'String', Value, ...(Name === undefined ? {} : { Name }) },
    });
    const created = await provider.create(request('one', '/x'));
    expect(created).toEqual({ physicalId: '/x', attributes: { Type: 'String', Value: 'one' } });
    const updated = await provider.update({ ...request('two', '/x'), physicalId: '/x', previous: request('one', '/x').properties });
    expect(updated.attributes).toEqual({ Type: 'String', Value: 'two' });
    const renamed = await provider.update({ ...request('two', '/y'), physicalId: '/x', previous: request('two', '/x').properties });
    expect(renamed.physicalId).toBe('/y');
    await provider.delete({ ...request('two'), physicalId: '/x' });
  });
});
