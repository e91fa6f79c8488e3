import { proveCaller } from '../../cli/release/prove-caller.ts';
import { stsUrl } from '../../functions/shared/caller/caller-proof.ts';
import { cloud, kept } from './fleet.ts';
import { asked, type Subject } from './hold-fleet.ts';

/** Has the deploy on record that it waits to be continued, and signs that somebody continues it. */
export async function continuing({ deploy }: Subject): Promise<object> {
  const { records } = await cloud();
  const startedAtMs = Date.now();
  await records.beginPause('web', deploy.deployId, { after: 1, startedAtMs, endsAtMs: startedAtMs + 3_600_000 });
  const statement = JSON.stringify({ installation: 'holdfast', fleet: 'web', deployId: deploy.deployId, command: 'continue' });
  const { region, gatewayUrl, credentials } = kept;
  const proof = await proveCaller({ statement, stsUrl: stsUrl(region, gatewayUrl), region, credentials, now: new Date() });
  return { statement, proof };
}

/** The same once somebody has continued it, which shows that the function can. */
export async function continued(given: Subject): Promise<object> {
  await asked('deploy-continue', await continuing(given));
  return continuing(given);
}
