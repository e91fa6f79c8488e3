package org.apache.catalina.tribes.group;

import java.io.Serializable;

public class Response {
  public native Serializable getMessage();
}
