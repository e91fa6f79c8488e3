package org.redisson.api;

import java.util.List;

public interface RScript {
  enum Mode {
    READ_WRITE
  }
  enum ReturnType {
    INTEGER
  }
  <R> R eval(Mode mode, String script, ReturnType type, List<Object> keys, Object... values);
}
