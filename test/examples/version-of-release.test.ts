import { expect, it } from 'vitest';
import { readSettings } from '../../examples/node-app/settings.mjs';

it('the Node example shows the version of its release, and without Holdfast that of its package.json', () => {
  expect(readSettings({ HOLDFAST_VERSION: '1.4.2' }).version).toBe('1.4.2');
  expect(readSettings({}).version).toBe('1.0.0');
});
