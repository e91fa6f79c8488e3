import { expect, it } from 'vitest';
import type { FinishDetail } from '../../../../functions/deploy/contract/control-steps.ts';
import { describeMessage } from '../../../../functions/deploy/control/describe-outcome.ts';

const DETAIL = {
  deployId: 'd1',
  stateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:live-web-deploy',
  fleet: 'web',
  to: '1.1.0',
  status: 'FAILED',
  rolledBack: true,
  text: 'Deploy of 1.1.0 to fleet web (previous release: 1.0.0): FAILED',
} as FinishDetail;
const OPTIONS = '--fleet web --region eu-west-1 --installation live';

it('says what happened, where, and what shows more, with the options that the commands need', () => {
  expect(describeMessage(DETAIL)).toEqual({
    subject: 'live/web in eu-west-1: deploy of 1.1.0 FAILED, rolled back',
    text: `${DETAIL.text}

Installation live, fleet web, Region eu-west-1, account 111122223333.
To see its steps: ./holdfast deploys show d1 ${OPTIONS}
Each command about this fleet takes ${OPTIONS}.
`,
  });
});

it('names what was restarted', () => {
  expect(describeMessage({ ...DETAIL, restart: 'i-1' }).subject).toBe('live/web in eu-west-1: restart of i-1 FAILED, rolled back');
  expect(describeMessage({ ...DETAIL, restartAll: true }).subject).toContain(': restart of all servers FAILED');
});

it('has a subject that SNS accepts, whatever the version is called', () => {
  const { subject } = describeMessage({ ...DETAIL, to: `1.0.0+\u00e9\n${'x'.repeat(200)}` });
  expect(subject).toMatch(/^[\x20-\x7e]{100}$/);
});
