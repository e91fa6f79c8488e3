import { expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import type { Evidence, Facts } from '../../../../functions/incidents/contract/evidence.ts';
import { application, NOW_MS, SIGN_MS } from '../healthy-evidence.ts';
import { CASES } from './cases.ts';

const caseOf = (cause: string): Evidence => CASES.find((one) => one.cause === cause)?.planted as Evidence;
const find = (planted: Evidence, runbook: 'logged-out' | 'store-failure' | 'session-explosion') => classify(planted, runbook);

it('a cause that holds comes before a likely one that would explain it better, and is then likely itself', () => {
  const planted = caseOf('cookie-does-not-slide');
  const { servers } = (planted.sources.servers as { facts: Facts['servers'] }).facts;
  const times = { storeConnection: SIGN_MS - 60_000 };
  // Three lines, which a visitor can have put into the logs.
  const words = application({ storeConnection: 3, firstMs: times, lastMs: { storeConnection: NOW_MS } });
  const facts = { servers: servers.map((one) => ({ ...one, application: words })) };
  const finding = find({ ...planted, sources: { ...planted.sources, servers: { takenAtMs: NOW_MS, facts } } }, 'logged-out');
  expect(finding).toMatchObject({ cause: 'cookie-does-not-slide', confidence: 'likely', also: ['store-connection-failures'] });
});
