package org.apache.catalina.tribes.group;

import java.io.Serializable;
import org.apache.catalina.tribes.Member;

public interface RpcCallback {
  Serializable replyRequest(Serializable message, Member sender);
  void leftOver(Serializable message, Member sender);
}
