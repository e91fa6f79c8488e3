package holdfast;

/** A session that is told of the ends of its requests. It is in a file of its own, so that it can be named where there is no Redisson. */
interface AtRequestEnd {
  /** Note of a request that is asynchronous, with what is to be done at its end, as a Runnable. */
  String LATER = "holdfast.atRequestEnd";

  void requestEnds();
}
