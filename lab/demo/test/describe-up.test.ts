import { expect, it } from 'vitest';
import { ROOT } from '#local-aws/test/root-credentials.ts';
import { stateOf } from '../../../test/cli/run-cli.ts';
import { describeUp } from '../describe-up.ts';

it('up prints where the credentials are, and never the secret', () => {
  const state = stateOf('http://127.0.0.1:4566', {
    credentials: ROOT,
    credentialsFile: '/run/r1/aws-credentials',
    caFile: '/run/r1/ca.pem',
  });
  const { value, text } = describeUp('account 000000000000 (local)', state, {
    loadBalancerUrl: 'https://localhost:1',
    storeEngine: 'Valkey 8.0.1',
    last: 'What to try:',
  });
  expect(text).toContain('  credentials    /run/r1/aws-credentials (for AWS_SHARED_CREDENTIALS_FILE)\n');
  expect(value).toMatchObject({ local: { endpoint: 'http://127.0.0.1:4566', credentialsFile: '/run/r1/aws-credentials' } });
  expect(text).toContain('curl --cacert /run/r1/ca.pem https://localhost:1)\n');
  expect(value).toMatchObject({ local: { caFile: '/run/r1/ca.pem' } });
  expect(text).toContain('  retention      ephemeral, whatever the configuration says');
  expect(text + JSON.stringify(value)).not.toContain(ROOT.secretAccessKey);
});

it('npm start prints the same at its end where it stays up, with the console that is open to the user alone and what to try', () => {
  const state = stateOf('http://127.0.0.1:4566', { pageUrl: 'http://127.0.0.1:1/', token: 'of-the-console' });
  const { text } = describeUp('account 000000000000 (local)', state, {
    loadBalancerUrl: 'https://localhost:1',
    storeEngine: 'Valkey 8.0.1',
    last: 'What to try:',
  });
  expect(text).toContain('  console        http://127.0.0.1:1/#token=of-the-console\n');
  expect(text).toMatch(/\nWhat to try:$/);
  expect(text).not.toContain('VERSION');
});
