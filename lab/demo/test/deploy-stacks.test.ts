import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../../../test/until.ts';
import { openLedger } from '../../processes/process-ledger.ts';
import { type CdkOptions, deployStacks } from '../deploy-stacks.ts';

const IDENTITY = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Account>000000000000</Account><Arn>arn:aws:iam::000000000000:root</Arn><UserId>root</UserId></GetCallerIdentityResult></GetCallerIdentityResponse>`;

let folder: string;
let sts: Server;
let options: Omit<CdkOptions, 'signal'>;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-cdk-'));
  sts = createServer((_, response) => response.setHeader('content-type', 'text/xml').end(IDENTITY));
  await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve));
  const { port } = sts.address() as AddressInfo;
  options = {
    ledger: openLedger(path.join(folder, 'run'), 'run'),
    folder,
    node: '',
    cloud: {
      gatewayUrl: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
      credentialsFile: path.join(folder, 'credentials'),
    },
    config: { region: 'us-east-1' } as CdkOptions['config'],
  };
});
afterEach(() => {
  sts.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Stands in for the Node that runs the CDK's command. */
function nodeThat(script: string): string {
  const file = path.join(folder, 'node');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

it('runs one command after another with the same home', async () => {
  const node = nodeThat(`echo ran >> '${folder}/ran'`);
  const { signal } = new AbortController();
  await deployStacks({ ...options, node, signal });
  await deployStacks({ ...options, node, signal });
  expect(readFileSync(path.join(folder, 'ran'), 'utf8')).toBe('ran\nran\n');
});

it('stops the running command at an interruption, within seconds', async () => {
  const node = nodeThat(`echo $$ > '${folder}/pid'; exec '${process.execPath}' -e 'setTimeout(() => {}, 60_000)'`);
  const interruption = new AbortController();
  const deployed = deployStacks({ ...options, node, signal: interruption.signal });
  const outcome = deployed.then(
    () => 'deployed',
    (error: Error) => error.message,
  );
  await until(async () => existsSync(path.join(folder, 'pid')));
  const begunMs = performance.now();
  interruption.abort(new Error('interrupted'));
  expect(await outcome).toBe('interrupted');
  expect(performance.now() - begunMs).toBeLessThan(50_000);
});
