import { deployAtSign, deployBeforeErrors, sessionsUnreadable } from '../../facts/deploys.ts';
import { storeGone } from '../../facts/store-reach.ts';
import type { Row } from '../../row.ts';

export const unreadableSessions: Row = {
  cause: 'unreadable-sessions',
  runbook: 'logged-out',
  title: "Two releases cannot read each other's sessions (serialization errors after a deploy)",
  sentence: () => 'users are logged out because the new release cannot read the sessions of the one before (or the other way round)',
  needs: [
    {
      asks: "The servers' logs have errors of sessions that cannot be read or decrypted. They are a hint, unless they name sessions, and sessions are lost on servers with the new release alone.",
      judge: sessionsUnreadable,
    },
    { asks: 'A deploy began before the errors did.', judge: deployBeforeErrors },
  ],
  refutedBy: [
    {
      ruledOut: 'a store without a primary',
      asks: 'No primary of the store answers, and the servers do not reach it either.',
      judge: storeGone,
    },
  ],
  yieldsTo: ['store-connection-failures'],
  about: (evidence) => {
    const deploy = deployAtSign(evidence);
    return deploy === undefined ? undefined : { deployId: deploy.deployId };
  },
  mitigations: ['stop-deploy'],
};
