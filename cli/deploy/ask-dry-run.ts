import { DRY_RUN_ROLE, type DryRunReport, type DryRunRequest } from '../../functions/deploy/dry-run/contract.ts';
import { functionName } from '../../functions/shared/naming.ts';
import type { Cloud } from '../cloud.ts';
import { invokeLive } from '../invoke-live.ts';

/** Above the function's own 60 s. */
const REQUEST_TIMEOUT_MS = 65_000;

/**
 * Asks the fleet's function what a deploy would do. The console's button calls it too.
 * @throws CommandFailure NoDryRun, DryRunFailed
 */
export const askDryRun = (cloud: Cloud, request: DryRunRequest): Promise<DryRunReport> =>
  invokeLive<DryRunReport>(cloud, {
    functionName: functionName(cloud.installation, cloud.fleet, DRY_RUN_ROLE),
    request,
    timeoutMs: REQUEST_TIMEOUT_MS,
    failed: 'DryRunFailed',
    missing: 'NoDryRun',
    remedy: 'Choose another fleet with --fleet, or deploy the installation with "npx --no cdk deploy --all".',
  });
