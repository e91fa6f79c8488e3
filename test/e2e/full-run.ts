/** `npm run test:full` goes through every scenario; `npm test` through a core of them, which shows each way once. */
export const FULL = process.env['HOLDFAST_TEST_FULL'] === '1';
