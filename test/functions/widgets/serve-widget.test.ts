import { expect, it } from 'vitest';
import { html } from '../../../functions/widgets/html.ts';
import { widgetHandler } from '../../../functions/widgets/serve-widget.ts';
import { recordingLog } from '../fakes/fixtures.ts';

it('draws the requested number of rows, and is wired once', async () => {
  let wired = 0;
  const handler = widgetHandler(recordingLog(), 'deploys', () => {
    wired += 1;
    return async (rows, { theme }) => html`<p>${rows} ${theme}</p>`;
  });
  expect([await handler({ rows: 3, widgetContext: { theme: 'dark' } }), await handler({})]).toEqual(['<p>3 dark</p>', '<p>10 light</p>']);
  expect(wired).toBe(1);
});

it('returns Markdown with its parameters, without wiring', async () => {
  const handler = widgetHandler(recordingLog(), 'sweeps', () => {
    throw new Error('never');
  });
  expect(await handler({ describe: true })).toMatch(/^## Latest sweeps\n[\s\S]+``` yaml\nrows: 10\n```/);
});

it('shows a sentence on an invalid parameter', async () => {
  const handler = widgetHandler(recordingLog(), 'sweeps', () => async () => html`never`);
  expect(await handler({ rows: '<b>' })).toMatch(/not valid \(rows: .+\), so it shows no sweeps\. .+ from 1 to 50/);
});

it('shows a sentence when the records cannot be read, and logs why', async () => {
  const log = recordingLog();
  const refused = Object.assign(new Error('User: arn:aws:sts::1:x is not authorized'), { name: 'AccessDeniedException' });
  const handler = widgetHandler(log, 'deploys', () => () => Promise.reject(refused));
  const written = await handler({});
  expect(written).toContain('The latest deploys could not be read (AccessDeniedException)');
  expect(written).not.toMatch(/arn:aws|\bat /);
  expect(log.events).toEqual(['widget.failed']);
});
