import { kept } from '../fleet.ts';

/** Of clients that read everything. */
export const ROOT_CLIENT = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
