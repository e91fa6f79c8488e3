package org.apache.catalina.tribes.io;

public class XByteBuffer {
  public native int getLength();
}
