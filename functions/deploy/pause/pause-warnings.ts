/** What an operator should know of a deploy that waits, next to what it waits for. Pure. */

/** On record once, whichever of the two it was: the record has one such sentence however often the store comes and goes. */
const UNWATCHED =
  'The session store failed over or was not ready. While alarms and unhealthy servers can be its doing, they do not end the wait to be continued: for ten minutes after it was not ready, and for the rest of the wait after a failover. Judge the new release yourself.';

/** @param storeFailedOver alarms and the health of servers can be the store's doing */
export const warnOfPause = ({ storeFailedOver }: { readonly storeFailedOver: boolean }): readonly string[] =>
  storeFailedOver ? [UNWATCHED] : [];
