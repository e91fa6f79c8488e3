package org.redisson.client;

public class RedisTimeoutException extends RedisException {
  private static final long serialVersionUID = 1L;
  public RedisTimeoutException(String message) {
    super(message);
  }
}
