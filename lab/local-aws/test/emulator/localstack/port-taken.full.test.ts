/** Another program holds LocalStack's port: LocalStack by itself goes on, and takes itself for ready. */
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ensureLocalStack, whyNoLocalStack } from '../../../../../setup/localstack.mjs';
import { readSetup } from '../../../../../setup/read-setup.mjs';
import { freePort } from '../../../../processes/free-port.ts';
import { openLedger } from '../../../../processes/process-ledger.ts';
import { startLocalStack } from '../../../emulator/localstack/localstack.ts';
import { ROOT } from '../../root-credentials.ts';

it.skipIf(whyNoLocalStack() !== undefined)(
  'a program at LocalStack’s port learns no secret of the run, and the start fails',
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-thief-'));
    const ledger = openLedger(path.join(folder, 'run'), path.basename(folder));
    const port = await freePort();
    const learnt: unknown[] = [];
    const thief = http.createServer((request, response) => {
      learnt.push(request.headers['x-holdfast-run']);
      response.end('{}');
    });
    await new Promise<void>((resolve) => thief.listen(port, '127.0.0.1', resolve));
    const emulator = await startLocalStack({
      ...(await ensureLocalStack()),
      gatewayUrl: 'http://127.0.0.1:9',
      access: { url: `http://127.0.0.1:${port}`, token: 'token-of-the-run', region: 'us-east-1', credentials: ROOT },
      folder: path.join(folder, 'emulator'),
      node: readSetup().node,
      ledger,
      eventToken: 't',
      idleEnvironmentMs: 60_000,
      functionEnvironment: {},
    });
    try {
      await expect(emulator.ready()).rejects.toThrow(
        'LocalStack ended while it started: another program took its port before it could listen there: start again, which takes another port. ' +
          'The local cloud was stopped.',
      );
      expect(learnt.filter((secret) => secret !== undefined)).toEqual([]);
    } finally {
      await emulator.stop();
      await ledger.close();
      thief.closeAllConnections();
      await new Promise((resolve) => thief.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    }
  },
  200_000,
);
