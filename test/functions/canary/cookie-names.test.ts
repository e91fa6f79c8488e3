import { describe, expect, it } from 'vitest';
import { judgeCookie } from '../../../functions/canary/checks/cookies.ts';
import { judgeNewId } from '../../../functions/canary/checks/new-id.ts';

describe('the name of a cookie', () => {
  const id = 'Zr3kQxD9vLw2HcTn7bYpM4aa8sX1eRu5oWqJ6gKd';
  const uuid = '3f0f9b0e-7a55-4e0c-9d6a-2f2b1c0d9e8f';
  const cookie = { value: 'x', host: 'shop', secure: false, httpOnly: false };

  it('is shown in short where an id is a part of it', () => {
    for (const secret of [id, uuid]) {
      const kept = [`app_${secret}`];
      const outcomes = [
        ...judgeCookie({ ...cookie, name: `app_${secret}` }, undefined),
        judgeNewId({ when: 'login', before: kept, kept, whoBefore: 'nobody' }),
      ];
      expect(outcomes.map(({ what }) => what).filter((what) => what.includes(`app_${secret.slice(0, 4)}…`))).toHaveLength(5);
      expect(JSON.stringify(outcomes)).not.toContain(secret.slice(0, 8));
    }
  });
});
