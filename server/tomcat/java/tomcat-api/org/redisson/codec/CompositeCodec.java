package org.redisson.codec;

import org.redisson.client.codec.Codec;

public class CompositeCodec implements Codec {
  public CompositeCodec(Codec mapKeyCodec, Codec mapValueCodec, Codec valueCodec) {}
}
