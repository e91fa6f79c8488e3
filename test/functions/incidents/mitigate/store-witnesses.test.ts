/** Who is believed about the store, before a page is shown and while it is: each of its witnesses silent, and each lying. */
import { describe, expect, it } from 'vitest';
import type { ServerFacts } from '../../../../functions/incidents/contract/server-facts.ts';
import { isStillAway, whyNotAway } from '../../../../functions/incidents/mitigate/store-witnesses.ts';
import { type SaidBy, saidBy } from './said-by.ts';

const three = (one: Partial<ServerFacts>): ServerFacts[] => ['i-1', 'i-2', 'i-3'].map((instanceId) => ({ instanceId, ...one }));
const CUT = three({ store: { reachable: false, error: 'no answer within 2 s' } });
const PINGING = three({ store: { reachable: true } });
const NO_DATABASE = three({ ready: false, store: { reachable: true } });
const UP = three({ ready: true, store: { reachable: true } });
const REFUSED = three({ ready: false, store: { reachable: false, error: 'WRONGPASS invalid username-password pair' } });
const SILENT: ServerFacts[] = [];

describe('before the page', () => {
  it.each<[string, readonly ServerFacts[], SaidBy, boolean]>([
    ['servers and fleet', CUT, { fleet: 'away' }, true],
    ['servers and collector', CUT, { collector: 'away' }, true],
    ['three checks of one broken PING', CUT, { fleet: 'works', collector: 'works' }, false],
    ['a PING that nobody else confirms', CUT, {}, false],
    ['a PING, against a fleet that works, with a collector that is cut off itself', CUT, { fleet: 'works', collector: 'away' }, false],
    ['a proxy that answers PING while the store is away: readiness checks, and the fleet', NO_DATABASE, { fleet: 'away' }, true],
    [
      'a proxy in front of applications without a readiness check: the fleet, and the collector',
      PINGING,
      { fleet: 'away', collector: 'away' },
      true,
    ],
    ['a proxy that answers the PING of readiness checks too: the fleet, and the collector', UP, { fleet: 'away', collector: 'away' }, true],
    ['readiness checks that pass, against a fleet alone', UP, { fleet: 'away' }, false],
    ['readiness checks that pass, against a collector alone', UP, { collector: 'away' }, false],
    ['a readiness check that fails for the database', NO_DATABASE, { fleet: 'works', collector: 'works' }, false],
    ['a readiness check that fails, and nobody else', NO_DATABASE, {}, false],
    ['Systems Manager that is silent, with a store that is away', SILENT, { fleet: 'away', collector: 'away' }, true],
    ['a refused login, which the store has counted', REFUSED, { fleet: 'works', collector: 'works', refused: 12 }, true],
    ['a refused login, which the store has not counted', REFUSED, { fleet: 'works', collector: 'works' }, false],
  ])('%s', async (_, servers, said, isShown) => {
    expect((await whyNotAway(saidBy(said), { fleet: 'web', servers, few: 'too few' })) === undefined).toBe(isShown);
  });
});

describe('while it is shown', () => {
  it.each<[string, readonly ServerFacts[], SaidBy, boolean | 'unknown']>([
    ['readiness checks that pass', UP, {}, false],
    ['readiness checks that pass, against a fleet alone', UP, { fleet: 'away' }, false],
    ['readiness checks that pass, against a fleet and a collector', UP, { fleet: 'away', collector: 'away' }, 'unknown'],
    ['a fleet that works, although Systems Manager is silent', SILENT, { fleet: 'works' }, false],
    ['a fleet that does not, and a collector that does not', SILENT, { fleet: 'away', collector: 'away' }, true],
    ['a fleet that does not, and a collector that does', SILENT, { fleet: 'away', collector: 'works' }, 'unknown'],
    ['servers and a fleet that do not, and a collector that does', CUT, { fleet: 'away', collector: 'works' }, true],
    ['a collector alone, that works', SILENT, { collector: 'works' }, false],
    ['a collector alone, that does not', SILENT, { collector: 'away' }, 'unknown'],
    ['nobody', SILENT, {}, 'unknown'],
    ['a readiness check that fails for the database', NO_DATABASE, { fleet: 'works' }, false],
    ['a proxy that answers PING while the store is away', PINGING, { fleet: 'away', collector: 'away' }, true],
    ['a PING alone', PINGING, {}, 'unknown'],
    ['servers whose PING is broken, against a fleet that works', CUT, { fleet: 'works' }, false],
    ['servers that are cut off, and nobody else', CUT, {}, 'unknown'],
    ['servers that are cut off, and the collector', CUT, { collector: 'away' }, true],
    ['a login that is refused, which the fleet does not see', REFUSED, { fleet: 'works', collector: 'works', refused: 3 }, true],
    ['a login that is refused, which the store has not counted', REFUSED, { fleet: 'works', collector: 'works' }, 'unknown'],
  ])('%s', async (_, servers, said, isAway) => {
    expect(await isStillAway(saidBy(said), 'web', servers)).toBe(isAway);
  });
});
