/** From stock express-session to hardened sessions and back, server by server, under users (docs/express.md). */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currentVersion, deploy, kept, publish, untilHealthy, versions } from './fleet.ts';
import { underTraffic } from './under-traffic.ts';

const EXAMPLE = path.resolve(import.meta.dirname, '../../examples/hardened-node-app');
const USERS = 40;
const STOCK = '7.0.0';
const SAME_NAME = '7.1.0';
const HOST_NAME = '7.2.0';

let from: string;
beforeAll(async () => {
  await untilHealthy(3);
  from = await currentVersion();
  await publish(STOCK);
  await publishHardened(SAME_NAME, ['env', 'SESSION_COOKIE_NAME=SID']);
  await publishHardened(HOST_NAME, []);
  expect(await deploy(STOCK)).toMatchObject({ status: 'SUCCEEDED' });
});
afterAll(async () => {
  expect(await deploy(from)).toMatchObject({ status: 'SUCCEEDED' });
});

/** @param before words in front of its command */
async function publishHardened(version: string, before: readonly string[]): Promise<void> {
  const folder = path.join(kept.runFolder, 'hardened', version);
  await promisify(execFile)(process.execPath, [path.join(EXAMPLE, 'build.mjs'), '--version', version, '--out', folder], {
    timeout: 30_000,
  });
  const file = path.join(folder, 'holdfast.app.json');
  const contract = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...contract, start: [...before, ...contract.start] }));
  await publish(version, folder);
}

const roll = async (version: string) => {
  expect(await deploy(version)).toMatchObject({ status: 'SUCCEEDED' });
  expect(Object.values(await versions())).toEqual([version, version, version]);
};

describe('the move of a fleet', () => {
  it('with the name of the cookie logs nobody out, there and back', async () => {
    const { report } = await underTraffic({ users: USERS }, async () => {
      await roll(SAME_NAME);
      await roll(STOCK);
    });
    expect(report).toMatchObject({ failed: 0, sessionsLost: 0 });
  });

  it('to __Host-SID logs each user out who was logged in, and nobody any more once every server has it', async () => {
    const { report } = await underTraffic({ users: USERS }, () => roll(HOST_NAME));
    // In between, old servers read the one cookie and new ones the other, so a user can meet both sessions.
    expect(report.sessionsLost).toBeGreaterThanOrEqual(USERS);
    // A user who logs in now keeps the session, also over a roll to the same name.
    await publishHardened('7.3.0', []);
    const { report: after } = await underTraffic({ users: USERS }, () => roll('7.3.0'));
    expect(after).toMatchObject({ failed: 0, sessionsLost: 0 });
  });
});
