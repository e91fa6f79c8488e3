import { describe, expect, it } from 'vitest';
import type { Deployed } from '../../../cli/installation/judge-contract.ts';
import { versionsLines } from '../../../cli/installation/version.ts';
import { CONTRACT } from '../../../functions/installation/contract.ts';
import { recordKeys } from '../../../functions/records/keys.ts';

const configuration = { table: 'shop-records', ...recordKeys.installation() };
const OTHER: Deployed = { state: 'known', contract: CONTRACT + 1, version: '0.9.0', configuration };

describe('the versions of an installation', () => {
  const where = { installation: 'shop', fleet: 'web', local: false, account: '111122223333', region: 'eu-west-1' };
  const part = { state: 'known', version: '1.2.0', contract: CONTRACT } as const;

  it('have a line for each part, what differs, and each way out once', () => {
    const old = { state: 'known', version: '0.9.0', contract: CONTRACT + 1 } as const;
    expect(versionsLines({ deployed: OTHER, parts: { web: part, api: old, store: old } }, where)).toEqual([
      `installation shop in account 111122223333, eu-west-1: 0.9.0, contract ${CONTRACT + 1}`,
      `  fleet web: 1.2.0, contract ${CONTRACT}`,
      `  fleet api: 0.9.0, contract ${CONTRACT + 1}`,
      `  what sweeps the store: 0.9.0, contract ${CONTRACT + 1}`,
      expect.stringMatching(/^Installation shop was deployed by Holdfast 0\.9\.0/),
      expect.stringMatching(/^Fleet api of installation shop was deployed by Holdfast 0\.9\.0/),
      expect.stringMatching(/^What sweeps the store of installation shop was deployed by Holdfast 0\.9\.0/),
      expect.stringMatching(/^Run the command of Holdfast 0\.9\.0, or /),
    ]);
  });

  it('name a part that is not deployed; one of which nothing can be read is no reason to do anything', () => {
    const deployed: Deployed = { ...OTHER, contract: CONTRACT };
    const parts = { web: part, api: { state: 'unread', reason: 'denied' }, incidents: { state: 'absent' } } as const;
    expect(versionsLines({ deployed, parts }, where).slice(1)).toEqual([
      `  fleet web: 1.2.0, contract ${CONTRACT}`,
      '  fleet api: unknown',
      '  what works on incidents: without a contract',
      expect.stringMatching(/^What works on incidents of installation shop has no contract: /),
      expect.stringMatching(/^Run the command of the version that deployed it, or /),
    ]);
    expect(versionsLines({ deployed: { state: 'none' }, parts: {} }, where)).toEqual([
      'installation shop in account 111122223333, eu-west-1: does not exist',
    ]);
  });
});
