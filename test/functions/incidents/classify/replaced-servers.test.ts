/** What sessions that began after Auto Scaling had replaced servers show of these, and how firm that is. */
import { describe, expect, it } from 'vitest';
import { OF_REPLACEMENT } from '../../../../functions/incidents/classify/explains.ts';
import { serversReplaced } from '../../../../functions/incidents/classify/facts/deploys.ts';
import { explainsMost } from '../../../../functions/incidents/classify/share.ts';
import type { AccessLogFacts, SessionTrace } from '../../../../functions/incidents/contract/server-facts.ts';
import { access, evidence, IN_MEMORY, SIGN_MS, server, traces } from '../healthy-evidence.ts';
import { begunLater, REPLACED_BEFORE } from './case.ts';

const refusing = (sessions: Readonly<Record<string, SessionTrace>>, over: Partial<AccessLogFacts> = {}) =>
  evidence({
    balancer: IN_MEMORY,
    scaling: REPLACED_BEFORE,
    servers: {
      servers: [
        server('i-1', {
          route: 'route 1',
          access: access('i-1', { foreignRoute: 900, replaced: 850, sessions: { ...traces('i-1', 20), ...sessions }, ...over }),
        }),
        server('i-2'),
      ],
    },
  });

const LATER = begunLater('i-1', 8);
/** As an older document shows them. */
const SEEN_LATER = traces('later', 8, { routes: ['route 1'], firstMs: SIGN_MS - 60_000, lost: true });
const EARLIER = traces('earlier', 8, { routes: ['route 1'], lost: true });
const INVENTED = traces('invented', 20, { routes: ['route 9'], unknown: true, lost: true });

describe('that users of replaced servers can be those who lost their sessions', () => {
  it.each([
    ['is not so, and never firmly, when a server refuses sessions that it began later', refusing(LATER), { truth: false, firm: false }],
    ['is not so where a server that stayed refuses what it knew', refusing(SEEN_LATER), { truth: false, firm: false }],
    ['is so, but not firmly, of ids that no server knows', refusing(INVENTED), { truth: true, firm: false }],
    ['is not so of sessions that were there before either', refusing(EARLIER), { truth: false, firm: false }],
  ])('%s', (_, planted, judged) => {
    expect(explainsMost(OF_REPLACEMENT, serversReplaced)(planted)).toMatchObject(judged);
  });
});
