package org.apache.catalina.tribes;

import org.apache.catalina.tribes.io.XByteBuffer;

public interface ChannelMessage {
  Member getAddress();
  XByteBuffer getMessage();
}
