package org.apache.catalina.tribes.group.interceptors;

import org.apache.catalina.tribes.ChannelMessage;

public class EncryptInterceptor {
  public void messageReceived(ChannelMessage message) {}
  public void setEncryptionKey(String key) {}
}
