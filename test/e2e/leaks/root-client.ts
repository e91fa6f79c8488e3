import { kept } from '../fleet.ts';

/** Options of clients that read everything, as root. */
export const ROOT_CLIENT = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
