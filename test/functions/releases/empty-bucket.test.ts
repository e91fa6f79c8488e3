import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { emptyBucket, type ObjectVersion, type ResourceRequest } from '../../../functions/releases/empty-bucket.ts';
import { answerCloudFormation } from '../../../functions/shared/aws/answer-cloud-formation.ts';
import { recordingLog } from '../fakes/fixtures.ts';

const REQUEST: ResourceRequest = {
  RequestType: 'Delete',
  ResponseURL: 'https://answers.example/secret',
  StackId: 'stack',
  RequestId: 'r1',
  LogicalResourceId: 'Emptied',
  PhysicalResourceId: 'holdfast-releases',
  ResourceProperties: { BucketName: 'holdfast-releases' },
};
const ABOUT = { StackId: 'stack', RequestId: 'r1', LogicalResourceId: 'Emptied', PhysicalResourceId: 'holdfast-releases' };

function world(objects: ObjectVersion[], more: { remainingMs?: number; refuses?: boolean; gone?: boolean } = {}) {
  const answers: object[] = [];
  const left = [...objects];
  const ports = {
    bucket: {
      listVersions: async () => (more.gone ? undefined : left.slice(0, 2)),
      deleteVersions: async (_: string, versions: readonly ObjectVersion[]) => {
        if (more.refuses) throw new Error('1 objects stay, a first: AccessDenied');
        left.splice(0, versions.length);
      },
    },
    answer: async (_: string, body: object) => void answers.push(body),
    log: recordingLog(),
    remainingMs: () => more.remainingMs ?? 600_000,
  };
  return { ports, answers, left };
}

const OBJECTS = ['a', 'b', 'c', 'd', 'e'].map((key) => ({ key, versionId: '1' }));

describe('the custom resource of the bucket', () => {
  it('deletes page after page until the bucket is empty', async () => {
    const { ports, answers, left } = world(OBJECTS);
    await emptyBucket(ports, REQUEST);
    expect(left).toEqual([]);
    expect(answers).toEqual([{ Status: 'SUCCESS', ...ABOUT }]);
  });

  it.each(['Create', 'Update'] as const)('deletes no object on %s', async (RequestType) => {
    const { ports, answers, left } = world(OBJECTS);
    await emptyBucket(ports, { ...REQUEST, RequestType, PhysicalResourceId: undefined });
    expect(left).toHaveLength(5);
    expect(answers).toEqual([{ Status: 'SUCCESS', ...ABOUT }]);
  });

  it('succeeds when the bucket does not exist', async () => {
    const { ports, answers } = world([], { gone: true });
    await emptyBucket(ports, REQUEST);
    expect(answers).toMatchObject([{ Status: 'SUCCESS' }]);
  });

  it.each([
    ['S3 refuses', { refuses: true }, 'AccessDenied'],
    ['its time runs out', { remainingMs: 59_000 }, 'more objects than one run'],
  ])('answers with a reason when %s, so that the stack does not wait for it', async (_, more, reason) => {
    const { ports, answers } = world(OBJECTS, more);
    const warned = vi.spyOn(ports.log, 'warn');
    await emptyBucket(ports, REQUEST);
    expect(answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining(reason), ...ABOUT }]);
    expect(ports.log.events).toEqual(['releases.bucketNotEmptied']);
    expect(warned).toHaveBeenCalledWith('releases.bucketNotEmptied', { error: expect.stringContaining(reason) });
  });
});

describe('the answer to CloudFormation', () => {
  it('is repeated, and a failure never contains the URL', async () => {
    let asked = 0;
    const bodies: string[] = [];
    const server = http.createServer((request, response) => {
      asked += 1;
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        bodies.push(`${request.method} ${request.headers['content-type'] ?? ''} ${body}`);
        response.writeHead(asked === 2 ? 200 : 503).end();
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/signature`;
    try {
      await answerCloudFormation(url, { Status: 'SUCCESS' });
      expect(bodies).toEqual(['PUT  {"Status":"SUCCESS"}', 'PUT  {"Status":"SUCCESS"}']);
      await expect(answerCloudFormation(url, {})).rejects.toThrow(/^CloudFormation did not accept the response in 3 attempts: status 503$/);
    } finally {
      server.close();
    }
  });
});
