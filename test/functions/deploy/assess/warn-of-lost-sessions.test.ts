import { describe, expect, it } from 'vitest';
import { warnOfLostSessions } from '../../../../functions/deploy/assess/warn-of-lost-sessions.ts';

const sessions = { path: '/stats', field: 'sessions' };

describe('warnOfLostSessions', () => {
  it.each([
    ['the target group is sticky', '2', { sessions }, true],
    ['the release counts no sessions of its own', '2', {}, false],
    ['the release is not on record', '2', undefined, false],
    ['the placeholder is installed', 'none', { sessions }, false],
  ])('says nothing when %s', (_when, version, app, isSticky) => {
    expect(warnOfLostSessions(version, app, isSticky)).toBeUndefined();
  });

  it('says what happens to users, and what to do', () => {
    expect(warnOfLostSessions('2', { sessions }, false)).toMatch(
      /^Release 2 keeps sessions in memory .* users are logged out .* or set stickiness\.enabled=true of the target group until then\.$/,
    );
  });
});
