import { findReplaced } from '../deploys/find-replaced.ts';
import { connectToChange } from '../installation/connect-to-installation.ts';
import type { Output } from '../output.ts';
import { type DeployOptions, deployTo } from './deploy.ts';

/** Deploys the release that the last promoted deploy replaced, and follows that. @throws CommandFailure NothingToRollBack */
export async function rollback(options: DeployOptions, output: Output): Promise<number> {
  const cloud = await connectToChange(options);
  output.print(cloud.title);
  const version = await findReplaced(cloud);
  return deployTo(cloud, version, options, output);
}
