import { METHODS } from '../../functions/collect/methods.ts';
import type { CloudOptions } from '../cloud.ts';
import { CommandFailure } from '../failure.ts';
import { connectToRead } from '../installation/connect-to-installation.ts';
import type { Output } from '../output.ts';
import { renderReading, withAge } from '../store/render-reading.ts';

/** Shows the collector's latest reading. @throws CommandFailure NoReading */
export async function store(options: CloudOptions, output: Output): Promise<void> {
  const cloud = await connectToRead(options);
  output.print(cloud.title);
  const record = await cloud.store.getStore();
  if (record === undefined) {
    throw new CommandFailure(
      'NoReading',
      `The collector of ${cloud.installation} has not read the session store yet. It runs once a minute after "npx cdk deploy --all". If this error persists, see docs/runbook/at-night.md#collector-silent.`,
    );
  }
  const value = withAge(record.reading, Date.now());
  output.result({ ...value, methods: METHODS }, () => renderReading(value));
}
