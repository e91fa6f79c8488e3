package org.redisson.api;

import java.util.Map;
import org.redisson.client.codec.Codec;

public interface RMap<K, V> extends Map<K, V> {
  boolean fastPutIfExists(K key, V value);
  long fastRemove(K... keys);
  Codec getCodec();
  java.util.Map<K, V> getAll(java.util.Set<K> keys);
  boolean isExists();
}
