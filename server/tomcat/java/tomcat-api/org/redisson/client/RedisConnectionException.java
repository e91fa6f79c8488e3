package org.redisson.client;

public class RedisConnectionException extends RedisException {
  private static final long serialVersionUID = 1L;
  public RedisConnectionException(String message) {
    super(message);
  }
}
