package org.apache.catalina;

public interface Container extends Lifecycle {
  Container[] findChildren();
  String getName();
  Container getParent();
  Pipeline getPipeline();
}
