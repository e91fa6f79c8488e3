/** What a caller can tell apart by `name`. No message contains the user, the body or the key. */
export class CriticalActionError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The caller's own mistake: a user, id, kind or body that the table does not take. Nothing was written. */
export class InvalidCriticalAction extends CriticalActionError {}

/** Another write with this id has a newer revision, or the same one with another content. Nothing was written. */
export class CriticalActionConflict extends CriticalActionError {}

/** The table or the key could not be reached in time. A write may have arrived: the same call again is safe. */
export class CriticalActionsUnavailable extends CriticalActionError {}
