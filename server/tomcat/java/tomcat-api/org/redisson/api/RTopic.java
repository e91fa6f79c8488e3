package org.redisson.api;

public interface RTopic {
  long publish(Object message);
}
