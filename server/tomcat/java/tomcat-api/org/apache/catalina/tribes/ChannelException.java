package org.apache.catalina.tribes;

public class ChannelException extends Exception {
  private static final long serialVersionUID = 1;
}
