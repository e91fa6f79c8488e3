package org.redisson.client.codec;

public class ByteArrayCodec implements Codec {
  public static final ByteArrayCodec INSTANCE = new ByteArrayCodec();
}
