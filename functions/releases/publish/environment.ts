/** Environment of the publish function; RECORDS_ENV has the fleet and the table. */
export const PUBLISH_ENV = { installation: 'HOLDFAST_INSTALLATION', releasesBucket: 'HOLDFAST_RELEASES_BUCKET' } as const;
