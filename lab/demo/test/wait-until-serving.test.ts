import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Cloud } from '../../../cli/cloud.ts';
import { describeAnswer } from '../explain-servers.ts';
import { describeUnhealthy, untilHealthy } from '../wait-until-serving.ts';

describe('up that finds too few healthy servers', () => {
  it('says why for each, those that are gone too, and where the logs are', () => {
    const states = new Map([
      ['i-1', 'healthy'],
      ['i-2', 'unhealthy'],
    ]);
    const answer = {
      ...{ upInARow: 0, attempts: 1, version: 'none', lastAnswer: 'ConnectionRefusedError: [Errno 111] Connection refused' },
      ...{ asked: 'http://127.0.0.1:8080/health', service: 'holdfast-placeholder is failed', journal: ['Error: no python'] },
    };
    const reasons = new Map([
      ['i-0', 'user data failed while installing package java: exit code 1'],
      ['i-2', describeAnswer(answer)],
    ]);
    const lines = describeUnhealthy(3, 1, states, reasons).split('\n');
    expect(lines[0]).toBe('1 of 3 servers became healthy within 90 s.');
    expect(lines[1]).toBe('- i-0 is gone, and was replaced: user data failed while installing package java: exit code 1');
    expect(lines[2]).toContain('- i-2 is unhealthy: last answer: ConnectionRefusedError');
    expect(lines[2]).toContain('; requested: http://127.0.0.1:8080/health; holdfast-placeholder is failed; its journal:');
    expect(lines[3]).toBe('  Error: no python');
    expect(lines[4]).toMatch(/logs are kept in .*last-run$/);
  });

  it('says that none was registered', () => {
    expect(describeUnhealthy(3, 0, new Map(), new Map())).toContain('No server was registered');
  });
});

it('up waits for servers that are not healthy yet', async () => {
  const states = ['initial', 'initial', 'healthy'];
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      asked += 1;
      const health = (state: string) =>
        `<member><Target><Id>i-1</Id></Target><TargetHealth><State>${state}</State></TargetHealth></member>`;
      // The first call asks for the target group.
      const body =
        asked === 1
          ? '<DescribeTargetGroupsResponse><DescribeTargetGroupsResult><TargetGroups><member><TargetGroupArn>arn</TargetGroupArn></member></TargetGroups></DescribeTargetGroupsResult></DescribeTargetGroupsResponse>'
          : `<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>${health(states[asked - 2] ?? 'healthy')}</TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>`;
      response.setHeader('Content-Type', 'text/xml').end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const client = {
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  await untilHealthy({ installation: 'holdfast', fleet: 'web', client } as unknown as Cloud, 1, AbortSignal.timeout(60_000));
  expect(asked).toBe(4);
});
