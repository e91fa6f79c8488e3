package holdfast;

/** A session of which this server's memory says whether it goes on. Asking Redisson's own whether it is valid can ask the store. */
interface KnownHere {
  boolean isValidHere();
}
