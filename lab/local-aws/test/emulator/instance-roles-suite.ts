import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  IAMClient,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { createFetchObject } from '../../fetch-object.ts';
import { createInstanceRoles, type InstanceRoles } from '../../instances/instance-role.ts';
import type { ManagedInstance } from '../../interfaces.ts';
import type { World } from './world.ts';

const BUCKET = 'releases-1';
const KEY = 'web/1.0@b 2/release.tar.gz';
const url = (path: string) => `https://${BUCKET}.s3.us-east-1.amazonaws.com/${path}`;
const INSTANCE = 'i-0123456789abcdef0';
const NO_ROLE: ManagedInstance = {
  instanceId: INSTANCE,
  ipAddress: '10.0.0.4',
  folder: '',
  environment: {},
  agentVersion: '',
  online: true,
  tags: {},
};

/** A machine calls with the role of its instance profile. */
export function describeInstanceRoles(world: () => World): void {
  describe('an instance', () => {
    let roles: InstanceRoles;
    let iam: IAMClient;
    beforeAll(async () => {
      roles = createInstanceRoles(world().emulatorAccess);
      iam = new IAMClient(world().config);
      const s3 = new S3Client({ ...world().config, forcePathStyle: true });
      await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
      for (const Key of [KEY, 'other/release.tar.gz', 'web/folder.gz', 'web/folder.gz/lib/tarfile.py'])
        await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'archive' }));
      // As CDK's enforceSSL writes it.
      const resources = [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`];
      const Condition = { Bool: { 'aws:SecureTransport': 'false' } };
      const Statement = [{ Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:*', Resource: resources, Condition }];
      await s3.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }));
      s3.destroy();
    });
    afterAll(() => {
      roles.close();
      iam.destroy();
    });

    async function instanceWith(name: string, ...statements: object[]): Promise<ManagedInstance> {
      await world().makeRole(name, ...statements);
      await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: name }));
      await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: name }));
      const session = await roles.session(`arn:aws:iam::000000000000:instance-profile/${name}`, INSTANCE);
      expect(session).toMatchObject({
        roleArn: `arn:aws:iam::000000000000:role/${name}`,
        sessionArn: `arn:aws:sts::000000000000:assumed-role/${name}/${INSTANCE}`,
      });
      return { ...NO_ROLE, environment: { ...session.environment } };
    }
    const fetchObject = () => createFetchObject(world().config.endpoint, 'us-east-1');

    it('downloads what its role may list and read, whatever is in the key, and nothing else', async () => {
      const instance = await instanceWith(
        'server',
        { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${BUCKET}/web/*` },
        {
          Effect: 'Allow',
          Action: 's3:ListBucket',
          Resource: `arn:aws:s3:::${BUCKET}`,
          Condition: { StringLike: { 's3:prefix': 'web/*' } },
        },
      );
      const found = await fetchObject()(url('web/1.0%40b%202/release.tar.gz'), instance);
      expect(Buffer.from(found as Uint8Array).toString()).toBe('archive');
      await expect(fetchObject()(url('web/missing'), instance)).rejects.toMatchObject({ name: 'NoSuchKey' });
      await expect(fetchObject()(url('other/release.tar.gz'), instance)).rejects.toMatchObject({
        name: 'AccessDenied',
        message: expect.stringContaining('s3:GetObject'),
      });
      // As the agent: objects below the key make it a folder.
      expect(await fetchObject()(url('web/folder.gz'), instance)).toEqual(new Map([['/lib/tarfile.py', Buffer.from('archive')]]));
      await expect(fetchObject()('https://example.com/x', instance)).rejects.toThrow('is not the URL of an S3 object');
      await until(async () =>
        world()
          .calls.list()
          .find(({ principal, action, allowed }) => principal.endsWith('role/server') && action === 's3:GetObject' && allowed),
      );
    });

    it('that may not list takes every key for a file, as the agent does', async () => {
      const Resource = `arn:aws:s3:::${BUCKET}/web/*`;
      const instance = await instanceWith('reader', { Effect: 'Allow', Action: 's3:GetObject', Resource });
      expect(await fetchObject()(url('web/folder.gz'), instance)).toEqual(Buffer.from('archive'));
    });

    it('on premises calls with the role of its activation, when Systems Manager is trusted with it', async () => {
      const node = 'mi-0123456789abcdef0';
      await world().makeRole('edge', { Effect: 'Allow', Action: ['s3:ListBucket', 's3:GetObject'], Resource: '*' });
      await expect(roles.activationSession('edge', node)).rejects.toThrow('the role edge does not trust ssm.amazonaws.com');
      const Statement = { Effect: 'Allow', Principal: { Service: 'ssm.amazonaws.com' }, Action: 'sts:AssumeRole' };
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'edge', PolicyDocument }));
      const { environment, ...session } = await roles.activationSession('service-role/edge', node);
      expect(session).toEqual({
        roleArn: 'arn:aws:iam::000000000000:role/edge',
        sessionArn: `arn:aws:sts::000000000000:assumed-role/edge/${node}`,
      });
      const found = await fetchObject()(url('other/release.tar.gz'), { ...NO_ROLE, environment: { ...environment } });
      expect(Buffer.from(found as Uint8Array).toString()).toBe('archive');
      await expect(roles.activationSession('nobody', node)).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    });

    it('without a role calls nothing', async () => {
      await expect(fetchObject()(url(KEY), NO_ROLE)).rejects.toThrow('has no role');
      await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'empty' }));
      await expect(roles.session('empty', INSTANCE)).rejects.toThrow('instance profile empty has no role');
    });
  });
}
