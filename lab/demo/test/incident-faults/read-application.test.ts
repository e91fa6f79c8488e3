import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCountStatus, runsNodeExample } from '../../incident-faults/read-application.ts';

let run: string;
beforeEach(() => {
  run = mkdtempSync(path.join(tmpdir(), 'holdfast-run-'));
});
afterEach(() => rmSync(run, { recursive: true, force: true }));

function release(instanceId: string, files: Record<string, string>): void {
  const folder = path.join(run, 'instances', instanceId, 'opt/holdfast/current');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
}

describe('the application of the local servers', () => {
  it('is the Node example by the name that its release has', async () => {
    const { name } = (await import('../../../../examples/node-app/package.json', { with: { type: 'json' } })).default;
    release('i-1', { 'package.json': JSON.stringify({ name }) });
    expect(await runsNodeExample(run, ['i-1', 'i-2'])).toBe(true);
  });

  it.each<[string, Record<string, string>]>([
    ['of another name', { 'package.json': '{"name":"shop"}' }],
    ['without a package.json, as in Java', { 'holdfast.app.json': '{}' }],
    ['whose package.json is not valid JSON', { 'package.json': '{' }],
  ])('is another one with a release %s', async (_, files) => {
    release('i-1', files);
    expect(await runsNodeExample(run, ['i-1', 'i-2'])).toBe(false);
  });

  it.each<[string, Record<string, string>]>([
    ['of one server is another release', { 'holdfast.app.json': '{}' }],
    ['of one server has another name', { 'package.json': '{"name":"shop"}' }],
  ])('is not the Node example where that %s', async (_, files) => {
    release('i-1', { 'package.json': '{"name":"counter"}' });
    release('i-2', files);
    expect(await runsNodeExample(run, ['i-1', 'i-2'])).toBe(false);
  });

  it("is the fleet's own, whatever another fleet runs", async () => {
    release('i-1', { 'holdfast.app.json': '{}' });
    release('i-9', { 'package.json': '{"name":"counter"}' });
    expect(await runsNodeExample(run, ['i-1'])).toBe(false);
  });

  it('is none before the first release', async () => expect(await runsNodeExample(run, ['i-1', 'i-2'])).toBe(false));
});

describe('what it answers to a user without a session', () => {
  it('is its status, or undefined where nothing answers', async () => {
    const paths: (string | undefined)[] = [];
    const server = createServer(({ url }, response) => {
      paths.push(url);
      response.writeHead(404).end('no such page');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect([await readCountStatus(address, '/dev/null'), paths]).toEqual([404, ['/count']]);
    await new Promise((resolve) => server.close(resolve));
    expect(await readCountStatus(address, '/dev/null')).toBeUndefined();
  });
});
