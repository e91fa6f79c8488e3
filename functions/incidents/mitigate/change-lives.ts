import { MOST_LIVES } from '../../sweep/contract/lives.ts';
import type { SweepSummary } from '../../sweep/contract/record.ts';
import type { Mitigation } from '../contract/mitigations.ts';
import { createSweepRun, type SweepRunPorts } from './sweep-run.ts';

/** Raises the TTL of sessions that would end before the life that they or the configuration declare. It shortens none. */
export const createRaiseTtl = (ports: SweepRunPorts): Mitigation =>
  createSweepRun(ports, {
    name: 'raise',
    input: { lives: 'raise' },
    effect: `sessions that would end before the life which they or the configuration declare get it, ${MOST_LIVES} at most; none is shortened. The application sets its own TTL again with the next request: correct its timeout too`,
    did: (summary) => livesText(summary, 'raised'),
  });

/** Shortens the TTL of sessions that hold nothing of a user, of frameworks whose keys show that. It lengthens none. */
export const createShortenAnonymous = (ports: SweepRunPorts): Mitigation =>
  createSweepRun(ports, {
    name: 'shorten',
    input: { lives: 'shorten-anonymous' },
    effect: `sessions of Spring and Redisson that hold nothing of a user, neither a login nor an attribute of the application, end within minutes unless they are used again, ${MOST_LIVES} at most. A session that is used gets the application's TTL again`,
    did: (summary) => livesText(summary, 'shortened'),
  });

function livesText({ lives, keys }: SweepSummary, how: string): string {
  const { changed = 0, overLimit = 0, notPermitted = 0 } = lives ?? {};
  const more = [
    ...(overLimit > 0 ? [`${overLimit} above its limit left as they are`] : []),
    ...(notPermitted > 0 ? [`${notPermitted} not permitted to its user`] : []),
  ];
  return [`${changed} sessions ${how}, of ${keys} keys`, ...more].join(', ');
}
