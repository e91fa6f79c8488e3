package org.apache.catalina.ha;

import org.apache.catalina.Cluster;
import org.apache.catalina.tribes.Channel;
import org.apache.catalina.tribes.Member;

public interface CatalinaCluster extends Cluster {
  Channel getChannel();
  Member[] getMembers();
}
