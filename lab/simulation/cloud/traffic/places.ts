/** Where users of the fleet send their requests, and where those of other services behind the same listener send theirs. */

export interface PlaceOfRequest {
  readonly host: string;
  readonly path: string;
}

/** Where several services share a listener, the fleet has one host, and one folder of it. */
export const FLEETS_HOST = 'shop.example.com';
export const FLEETS_PATH = '/shop';

export const FLEETS_PLACE: PlaceOfRequest = { host: FLEETS_HOST, path: `${FLEETS_PATH}/cart` };

/** A browser sends a cookie to each of them: to every folder of a host, and with a `Domain` to the domain's other hosts. */
export const OTHER_PLACES: readonly PlaceOfRequest[] = [
  { host: FLEETS_HOST, path: '/reports' },
  { host: 'blog.example.com', path: FLEETS_PLACE.path },
];
