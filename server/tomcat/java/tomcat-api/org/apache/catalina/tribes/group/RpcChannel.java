package org.apache.catalina.tribes.group;

import java.io.Serializable;
import org.apache.catalina.tribes.Channel;
import org.apache.catalina.tribes.ChannelException;
import org.apache.catalina.tribes.Member;

public class RpcChannel {
  public static final int FIRST_REPLY = 1;
  public RpcChannel(byte[] id, Channel channel, RpcCallback callback) {}
  public native Response[] send(Member[] destination, Serializable message, int rpcOptions, int channelOptions, long timeout)
      throws ChannelException;
}
