package org.redisson.api;

import java.util.Map;
import java.util.Set;

public interface RMap<K, V> extends Map<K, V> {
  Set<K> readAllKeySet();

  long fastRemove(K... keys);
}
