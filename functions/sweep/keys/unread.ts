/** A value that exists, but could not be read: too long, of another type, not permitted, or on another node. */
export const UNREAD: unique symbol = Symbol('unread');
