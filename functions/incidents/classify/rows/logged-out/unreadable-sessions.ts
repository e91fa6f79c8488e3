import { linesAbout } from '../../facts/application-logs.ts';
import { deployAtSign, deployBeforeErrors } from '../../facts/deploys.ts';
import { noPrimary } from '../../facts/store-nodes.ts';
import type { Row } from '../../row.ts';

export const unreadableSessions: Row = {
  cause: 'unreadable-sessions',
  runbook: 'logged-out',
  title: "Two releases cannot read each other's sessions (serialization errors after a deploy)",
  sentence: () => 'users are logged out because the new release cannot read the sessions of the one before (or the other way round)',
  needs: [
    {
      asks: "The servers' logs have serialization errors.",
      judge: (evidence) => linesAbout(evidence, 'serialization', 'sessions that cannot be read'),
    },
    { asks: 'A deploy began before the errors did.', judge: deployBeforeErrors },
  ],
  refutedBy: [{ ruledOut: 'a store without a primary', asks: 'No primary of the store answers.', judge: noPrimary }],
  yieldsTo: ['store-connection-failures'],
  about: (evidence) => {
    const deploy = deployAtSign(evidence);
    return deploy === undefined ? undefined : { deployId: deploy.deployId };
  },
  mitigations: ['stop-deploy'],
};
