package org.redisson.client;

public class RedisException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  public RedisException(String message) {}
}
