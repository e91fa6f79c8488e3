import { expect, it } from 'vitest';
import { whyEnded } from '../../../emulator/localstack/why-ended.ts';

it.each([
  [
    'License activation failed!\nReason: No credentials were found in the environment. Please make sure to either set the LOCALSTACK_AUTH_TOKEN variable\n\n',
    'this release needs a token: set LOCALSTACK_AUTH_TOKEN to yours, or use 4.14.0, the last release that needs none',
  ],
  [
    'Ready.\nPort 4566 is taken by another program\n',
    'another program took its port before it could listen there: start again, which takes another port',
  ],
  [
    'OSError: [Errno 98] Address already in use\n',
    'another program took its port before it could listen there: start again, which takes another port',
  ],
  ['Traceback\nImportError: no module named x\n', 'ImportError: no module named x: see its log, /run/localstack.log'],
  ['', '(no output): see its log, /run/localstack.log'],
])('%j: why LocalStack ended', (log, reason) => {
  expect(whyEnded(log, '/run/localstack.log')).toBe(reason);
});
