import { sessionsInMemory } from '../../facts/balancer.ts';
import {
  deployAtSign,
  deployNearSign,
  deployWarned,
  hurtByDeploy,
  lostBeforeDeploy,
  lostOnNewRelease,
  lostWithoutDeploy,
} from '../../facts/deploys.ts';
import { lostSinceServersEnded } from '../../facts/scaling.ts';
import { anyOf } from '../../judged.ts';
import type { Row } from '../../row.ts';

export const deployInProgress: Row = {
  cause: 'deploy-in-progress',
  runbook: 'logged-out',
  title: 'A deploy ends sessions that it does not wait for, on the servers that it rolls',
  sentence: (evidence) => {
    const deploy = deployAtSign(evidence);
    return `users are logged out by the deploy ${deploy?.deployId ?? ''} of release ${deploy?.to ?? ''}`;
  },
  needs: [
    { asks: 'A deploy was running when the trouble showed, or had ended less than ten minutes before.', judge: deployNearSign },
    { asks: 'Users lost their session, or are hurt in another way since a deploy that warned of its cookie.', judge: hurtByDeploy },
    {
      asks: "Sessions are in the servers' memory, where a deploy ends those that it does not wait for; or they are lost on servers with the new release alone; or the deploy warned of another name, domain or security of its cookie.",
      judge: (evidence) => anyOf(sessionsInMemory(evidence), lostOnNewRelease(evidence), deployWarned(evidence)),
    },
  ],
  refutedBy: [
    { asks: 'Most sessions had been lost before the deploy began.', judge: lostBeforeDeploy },
    {
      ruledOut: 'servers that ended after it',
      asks: 'Auto Scaling ended servers after the deploy had ended, and nearly all sessions were lost only since then.',
      judge: lostSinceServersEnded,
    },
    {
      ruledOut: 'losses on servers that were not rolled',
      asks: 'Servers that were not rolled lose their own sessions as often: then something that they share can be the cause.',
      judge: lostWithoutDeploy,
    },
  ],
  yieldsTo: [
    'stickiness-off',
    'store-connection-failures',
    'unreadable-sessions',
    'evictions',
    'store-full',
    'store-emptied',
    'timeout-too-short',
    'secure-cookie-on-http',
  ],
  about: (evidence) => {
    const deploy = deployAtSign(evidence);
    return deploy === undefined ? undefined : { deployId: deploy.deployId };
  },
  mitigations: ['stop-deploy'],
};
