import { dialectOf, leftOnPurpose, sessionsAreFew, withoutTtlFills, withoutTtlIsOld } from '../../facts/store-content.ts';
import { memoryGrows } from '../../facts/store-memory.ts';
import { unansweredSettings } from '../../facts/sweeps.ts';
import type { Row } from '../../row.ts';

export const missingExpiry: Row = {
  cause: 'missing-expiry',
  runbook: 'session-explosion',
  title: 'Sessions are stored without a TTL',
  sentence: (evidence) =>
    `the store fills because sessions${ofDialect(dialectOf(evidence))} are written without a TTL and never expire${unanswered(unansweredSettings(evidence))}`,
  needs: [
    {
      asks: "A share of the sampled sessions has no TTL. It is certain if they hold a fifth of the store's data.",
      judge: withoutTtlFills,
    },
  ],
  refutedBy: [
    {
      ruledOut: 'keys that have no TTL on purpose',
      asks: 'They are meant to have none: sweeps leave them on purpose.',
      judge: leftOnPurpose,
    },
    { ruledOut: 'leftovers of another day', asks: 'They are a minority and all older than a day.', judge: withoutTtlIsOld },
    { ruledOut: 'data that is not of sessions', asks: "Sessions take a small part of the store's data.", judge: sessionsAreFew },
  ],
  supportedBy: [{ asks: 'Memory is tight, or grows.', judge: memoryGrows }],
  yieldsTo: [],
  about: (evidence) => {
    const dialect = dialectOf(evidence);
    return dialect === undefined ? undefined : { dialect };
  },
  mitigations: ['sweep-now', 'volatile-eviction'],
};

/** A sweep alone does not help: nearly all sessions of a dialect lack a TTL, which can be meant. */
const unanswered = ([setting]: readonly string[]): string =>
  setting === undefined ? '' : `; sweeps leave them until ${setting} is set to "expire" (or to "report" if that is meant)`;

const ofDialect = (dialect: string | undefined) => (dialect === undefined ? '' : ` (${dialect})`);
