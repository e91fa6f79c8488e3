package holdfast;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.catalina.tribes.ChannelMessage;
import org.apache.catalina.tribes.group.interceptors.EncryptInterceptor;

/**
 * Encrypts the messages of a cluster with a key from a file, which is in no command line, and remembers from whom messages came that this
 * key does not open: Tomcat logs them, drops them, and the sender does not learn of it.
 */
public class ClusterKey extends EncryptInterceptor {
  /** Members ask each other each second whether they are there. */
  private static final long RECENT_NS = 10_000_000_000L;
  /**
   * The time at which each configured member last sent a message that this key does not decrypt. Only configured members are kept: the
   * sender's name is not encrypted, so anybody can make one up.
   */
  private static final Map<String, Long> UNREADABLE = new ConcurrentHashMap<>();
  private static volatile Set<String> expected = Collections.emptySet();

  /** File with the key, as hexadecimal digits. */
  public void setKeyFile(String file) throws IOException {
    setEncryptionKey(new String(Files.readAllBytes(new File(file).toPath()), StandardCharsets.US_ASCII).trim());
  }

  /** @param members `10.0.0.1:4000` */
  static void expect(Collection<String> members) {
    expected = new HashSet<>(members);
  }

  @Override
  public void messageReceived(ChannelMessage message) {
    int encrypted = message.getMessage().getLength();
    String sender = SessionCopies.nameOf(message.getAddress());
    super.messageReceived(message);
    if (!expected.contains(sender)) return;
    // What was decrypted has lost its initialisation vector. What was not is as it came.
    if (message.getMessage().getLength() == encrypted) UNREADABLE.put(sender, Long.valueOf(System.nanoTime()));
    else UNREADABLE.remove(sender);
  }

  /** Whether messages in the name of this member, `10.0.0.1:4000`, came lately and could not be read. Somebody else can send them. */
  static boolean isUnreadable(String member) {
    Long since = UNREADABLE.get(member);
    return since != null && System.nanoTime() - since.longValue() < RECENT_NS;
  }
}
