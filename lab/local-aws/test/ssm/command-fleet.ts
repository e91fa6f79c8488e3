import { type Outcome, scriptDocument, startFleet, type TestFleet } from '../../../demo/test/aws/instances/test-fleet.ts';

/** A fleet of one machine with the document `say`, which prints its parameter `version`. */
export interface CommandFleet {
  readonly fleet: TestFleet;
  readonly instanceId: string;
  /** Runs a document on the machine, to its end. */
  run(document: string, parameters?: Record<string, string>): Promise<Outcome>;
  /** @returns the command's id, while it runs */
  send(document: string, more?: object): Promise<string>;
}

/** @param version what `say` declares for its parameter, besides that it is text in a variable */
export async function startCommandFleet(version: object = {}): Promise<CommandFleet> {
  const fleet = await startFleet();
  const { instanceId } = await fleet.launch({ userData: '', tags: { fleet: 'web' } });
  const parameters = { version: { type: 'String', interpolationType: 'ENV_VAR', ...version } };
  await fleet.call('CreateDocument', {
    Name: 'say',
    Content: scriptDocument(['echo "version=$(printenv SSM_version || echo unset)"'], {}, parameters),
  });
  return {
    fleet,
    instanceId,
    run: (document, given = {}) => fleet.run(instanceId, document, given),
    send: async (document, more = {}) => {
      const order = { DocumentName: document, InstanceIds: [instanceId], ...more };
      return (await fleet.call<{ Command: { CommandId: string } }>('SendCommand', order)).Command.CommandId;
    },
  };
}
