import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { uploadArchive } from '../../../cli/releases/connect-publisher.ts';
import { temporaryFolder } from './release-folder.ts';

const CONTENT = 'archive '.repeat(10_000);
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

let root: string;
let server: Server;
let seen: { method?: string; url?: string; headers: IncomingMessage['headers']; body: Buffer }[];
/** Statuses of the answers to come; 200 after the last. */
let statuses: number[];
let client: S3Client;
/** How long the next answer takes, in milliseconds. */
let hold: number;

beforeEach(async () => {
  root = await temporaryFolder();
  await writeFile(join(root, 'release.tar.gz'), CONTENT);
  seen = [];
  statuses = [];
  hold = 0;
  server = createServer(async (request, response) => {
    seen.push({ method: request.method, url: request.url, headers: request.headers, body: await buffer(request) });
    await sleep(hold);
    response.writeHead(statuses.shift() ?? 200, { 'x-amz-version-id': `v${seen.length}` }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    forcePathStyle: true,
    // The SDK warns about streams that it cannot send again; the adapter does.
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});
afterEach(async () => {
  client.destroy();
  server.close();
  server.closeAllConnections();
  await rm(root, { recursive: true, force: true });
});

const KEY = `_incoming/web/1.4.2/${SHA256}.tar.gz`;
const TARGET = { bucket: 'releases', key: KEY, sha256: SHA256 };
const put = () => uploadArchive(client, TARGET, join(root, 'release.tar.gz'));

describe('uploadArchive', () => {
  it('sends the bytes with their checksum', async () => {
    await put();
    expect(seen[0]?.url).toContain(`/releases/${KEY}`);
    expect(seen[0]?.headers['x-amz-checksum-sha256']).toBe(Buffer.from(SHA256, 'hex').toString('base64'));
    expect(seen[0]?.body.toString()).toBe(CONTENT);
  });

  it('reports the bytes that were sent while the upload lasts', async () => {
    const sent: number[] = [];
    hold = 1_500;
    await uploadArchive(client, TARGET, join(root, 'release.tar.gz'), (bytes) => sent.push(bytes));
    expect(sent).toEqual([CONTENT.length]);
  });

  it('sends the whole file again after a 503, at most three times', async () => {
    statuses = [503];
    await put();
    expect(seen[1]?.body.toString()).toBe(CONTENT);
    statuses = [503, 503, 503];
    await expect(put()).rejects.toThrow();
    expect(seen.length).toBe(5);
  });

  it('does not try again what S3 refuses', async () => {
    statuses = [403];
    await expect(put()).rejects.toThrow();
    expect(seen.length).toBe(1);
  });
});
