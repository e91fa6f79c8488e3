/** Paths that could be read as the address of another server. */
import http from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Console, startConsole } from '../../console/server.ts';
import { createFakeBackend } from './fake-backend.ts';

let served: Console;
beforeAll(async () => {
  served = await startConsole({ port: 0, token: 'a-token', backend: async () => createFakeBackend() });
});
afterAll(() => served.close());

/** Sends the target as it is: a URL would have been resolved. */
const sendTarget = (target: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const { host } = new URL(served.url);
    const request = http.request(served.url, { path: target, headers: { host } }, (reply) => {
      reply.resume().once('end', () => resolve(reply.statusCode));
    });
    request.on('error', reject).end();
  });

describe('a path', () => {
  it.each([
    ['//', 404],
    ['//evil.example/', 404],
    ['//evil.example/api/deploys', 404],
    ['/\\evil.example/', 404],
    ['//[/', 404],
    ['*', 400],
    ['http://[/', 400],
  ])('that another server could be meant by (%s) is none of the console (%i)', async (target, status) => {
    expect(await sendTarget(target)).toBe(status);
  });
});
