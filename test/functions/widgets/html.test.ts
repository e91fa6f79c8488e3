import { describe, expect, it } from 'vitest';
import { html } from '../../../functions/widgets/html.ts';
import { HEALTHY, HOSTILE, STEERS } from '../shared/hostile-texts.ts';

describe('a widget', () => {
  it.each(HOSTILE)('shows %s as text that steers nothing', (_what, text) => {
    expect(html`<p title="${text}">${text}</p>`.html).not.toMatch(STEERS);
  });

  it('shows healthy texts as they are', () => {
    for (const text of HEALTHY) expect(html`${text}`.html).toBe(text);
  });
});
