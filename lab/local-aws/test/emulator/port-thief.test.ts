/** Another user of the machine waits at the emulator's port before the emulator binds it. */
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readSetup } from '../../../../setup/read-setup.mjs';
import { freePort } from '../../../processes/free-port.ts';
import { openLedger } from '../../../processes/process-ledger.ts';
import { startMiniStack } from '../../emulator/ministack/ministack.ts';
import { service, startFixture } from '../gateway/gateway-fixture.ts';
import { ROOT } from '../root-credentials.ts';

it('another user who binds the emulator’s port first learns no secret of the run, and the start fails', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-thief-'));
  const ledger = openLedger(path.join(folder, 'run'), path.basename(folder));
  const fixture = await startFixture([service({})]);
  const port = await freePort();
  const learnt: unknown[] = [];
  const thief = http.createServer((request, response) => {
    learnt.push(request.headers['x-holdfast-run']);
    response.end(
      '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>000000000000</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
    );
  });
  await new Promise<void>((resolve) => thief.listen(port, '127.0.0.1', resolve));
  const { python, node } = readSetup();
  const emulator = await startMiniStack({
    gatewayUrl: fixture.gateway.url,
    access: { url: `http://127.0.0.1:${port}`, token: 'token-of-the-run', region: 'us-east-1', credentials: ROOT },
    folder: path.join(folder, 'emulator'),
    node,
    python,
    ledger,
    eventToken: 't',
    idleEnvironmentMs: 60_000,
    functionEnvironment: {},
  });
  try {
    const outcome = await emulator.ready().then(
      () => 'ready',
      (error: Error) => error.message,
    );
    expect([outcome, learnt]).toEqual([expect.stringContaining('ended while it started'), []]);
  } finally {
    await emulator.stop();
    await ledger.close();
    await fixture.close();
    thief.closeAllConnections();
    await new Promise((resolve) => thief.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  }
});
