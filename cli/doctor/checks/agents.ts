import { compareAgentVersion } from '../../../functions/deploy/compare-agent-version.ts';
import { topic } from '../finding.ts';
import { seen } from '../look.ts';
import type { Check } from './check.ts';

/** Agents of Systems Manager: online, and new enough to pass parameters as environment variables. */
export const checkAgents: Check = (facts, { settings: { minimumAgentVersion } }) => {
  const agents = seen(facts.agents);
  if (!agents) return [];
  const why = 'a deploy works on the servers by Run Command, and stops before it touches anything when an agent cannot take its commands';
  const wrong = facts.memberIds.flatMap((id) => {
    const about = topic('agent', id, why);
    const agent = agents.find(({ instanceId }) => instanceId === id);
    if (!agent) {
      const mend = 'look at the instance profile, the agent (systemctl status amazon-ssm-agent), and the way out to Systems Manager';
      return [about.error(`the agent on ${id} never reported to Systems Manager`, mend)];
    }
    if (!agent.online)
      return [
        about.error(`the agent on ${id} is not online`, 'look whether the instance runs and reaches Systems Manager; restart the agent'),
      ];
    if (compareAgentVersion(agent.version, minimumAgentVersion) < 0) {
      return [
        about.error(`the agent on ${id} is ${agent.version}, ${minimumAgentVersion} is needed`, 'update it: document AWS-UpdateSSMAgent'),
      ];
    }
    return [];
  });
  if (wrong.length > 0) return wrong;
  const versions = [...new Set(agents.map(({ version }) => version))].join(', ');
  return [
    topic('agent', facts.memberIds.join(', '), why).ok(
      `${agents.length} agents are online (${versions}; ${minimumAgentVersion} is needed)`,
    ),
  ];
};
