/** What an installation's parameter can say: anyone who can write it must not decide what a command believes. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CONTRACT } from '../../../functions/installation/contract.ts';
import { recordKeys } from '../../../functions/records/keys.ts';
import { type FakeCloud, startFakeCloud } from '../fake-cloud.ts';
import { makeStateFolder, onlyLine, runCli } from '../run-cli.ts';

const configuration = { table: 'shop-records', ...recordKeys.installation() };

describe('an installation', () => {
  let cloud: FakeCloud;
  let state: ReturnType<typeof makeStateFolder>;
  beforeAll(async () => {
    cloud = await startFakeCloud();
    state = makeStateFolder();
    cloud.announce(state.folder);
  });
  afterAll(async () => {
    await cloud.close();
    state.remove();
  });
  beforeEach(() => {
    cloud.started.length = 0;
  });

  it.each([
    ['says that there is no installation', { state: 'none' }],
    ['says that its contract is known to be the same', { state: 'known', contract: 1 }],
  ])('of another contract whose parameter also %s is refused all the same', async (_what, more) => {
    const other = { contract: CONTRACT + 1, version: '0.9.0', configuration };
    cloud.parameter = () => JSON.stringify({ ...other, ...more, contract: CONTRACT + 1 });
    const { code, stdout } = await runCli(state.folder, ['deploy', '1.1.0', '--json']);
    expect([code, onlyLine(stdout)]).toMatchObject([2, { error: { code: 'OtherContract' } }]);
    expect(cloud.started).toEqual([]);
  });

  it.each([
    ['null', 'null'],
    ['no JSON', 'contract 1'],
    ['a contract that is not a number', JSON.stringify({ contract: String(CONTRACT), version: '0.9.0', configuration })],
    ['a version with an escape', JSON.stringify({ contract: CONTRACT, version: '\u001b[2J', configuration })],
    ['no place of the configuration', JSON.stringify({ contract: CONTRACT, version: '0.9.0' })],
  ])('whose parameter has %s is not changed', async (_what, text) => {
    cloud.parameter = () => text;
    const { code, stdout } = await runCli(state.folder, ['deploy', '1.1.0', '--json']);
    const message = expect.stringContaining(
      'could not be read (the value of /holdfast/holdfast/installation is not one that Holdfast writes)',
    );
    expect([code, onlyLine(stdout)]).toEqual([2, { error: { code: 'OtherContract', message } }]);
    expect(cloud.started).toEqual([]);
  });
});
