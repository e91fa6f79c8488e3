package org.apache.catalina.tribes;

import java.io.Serializable;

public interface Member extends Serializable {
  byte[] getHost();
  int getPort();
}
