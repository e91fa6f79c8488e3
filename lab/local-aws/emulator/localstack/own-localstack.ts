/** A LocalStack that the user runs, with Holdfast's extension: it is used as it is, and never stopped. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { Emulator } from '../emulator.ts';
import { type EmulatorAccess, emulatorClientOptions } from '../emulator-access.ts';
import { whyNotUsable } from './check-endpoint.ts';
import { createReadinessCheck } from './check-services.ts';

/** It has been up for a while: only DynamoDB may still have to start its virtual machine. */
const TRIES = 3;

/** Cannot be used, with a sentence. */
class EndpointError extends Error {
  override readonly name = 'EmulatorEndpointError';
}

const NOTHING = 'The local cloud was stopped; nothing was changed in LocalStack.';

export const ownLocalStack = (access: EmulatorAccess, gatewayUrl: string): Emulator => ({
  url: access.url,
  ready: async () => {
    const why = await whyNotUsable({ url: access.url, token: access.token, gatewayUrl });
    if (why !== undefined) throw new EndpointError(`${why} ${NOTHING}`);
    await servicesAnswer(access);
    const stacks = await stacksOf(access);
    if (stacks.length > 0)
      throw new EndpointError(
        `The LocalStack at ${access.url} has stacks already (${stacks.slice(0, 3).join(', ')}), and what they need ended with an earlier local ` +
          `cloud: start LocalStack again, without its state. ${NOTHING}`,
      );
  },
  stop: async () => {},
});

/** LocalStack reports that all services are available on a Python where most calls fail. */
async function servicesAnswer(access: EmulatorAccess): Promise<void> {
  const services = createReadinessCheck(access);
  try {
    for (let tries = 0; tries < TRIES; tries += 1) if (await services.answer()) return;
    const { call, reason } = services.unanswered() ?? { call: 'a call', reason: 'no answer' };
    throw new EndpointError(
      `The LocalStack at ${access.url} answers, and ${call} failed (${reason}): see its log; release 4.14.0 needs Python 3.13. ${NOTHING}`,
    );
  } finally {
    services.close();
  }
}

async function stacksOf(access: EmulatorAccess): Promise<readonly string[]> {
  const client = new CloudFormationClient(emulatorClientOptions(access));
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({}));
    return Stacks.flatMap(({ StackName, StackStatus }) => (StackStatus === 'DELETE_COMPLETE' ? [] : [StackName ?? '']));
  } finally {
    client.destroy();
  }
}
