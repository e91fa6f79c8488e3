import { compareAgentVersion } from '../../../functions/instance/slice-parameters.ts';
import { type Check, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/** SSM agents: online, and new enough to pass parameters as environment variables. */
export const checkAgents: Check = (facts, { settings: { minimumAgentVersion } }) => {
  const agents = known(facts.agents);
  if (!agents) return [];
  const why = 'a deploy uses Run Command on the servers; it stops before it changes anything if an agent cannot receive commands';
  const wrong = facts.memberIds.flatMap((id) => {
    const about = topic('agent', id, why);
    const agent = agents.find(({ instanceId }) => instanceId === id);
    if (!agent) {
      const fix = 'check the instance profile, the agent (systemctl status amazon-ssm-agent) and the network path to Systems Manager';
      return about.error(`the agent on ${id} has never connected to Systems Manager`, fix);
    }
    if (!agent.online)
      return about.error(
        `the agent on ${id} is not online`,
        'check that the instance is running and reaches Systems Manager, and restart the agent',
      );
    if (compareAgentVersion(agent.version, minimumAgentVersion) < 0) {
      return about.error(
        `the agent on ${id} has version ${agent.version}, and ${minimumAgentVersion} is required`,
        'update it with the document AWS-UpdateSSMAgent',
      );
    }
    return [];
  });
  if (wrong.length > 0) return wrong;
  const versions = [...new Set(agents.map(({ version }) => version))].join(', ');
  return topic('agent', facts.memberIds.join(', '), why).ok(
    `${agents.length} agents are online (${versions}; ${minimumAgentVersion} is required)`,
  );
};
