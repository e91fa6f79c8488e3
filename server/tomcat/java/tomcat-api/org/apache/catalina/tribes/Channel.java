package org.apache.catalina.tribes;

public interface Channel {
  int SEND_OPTIONS_USE_ACK = 2;
}
