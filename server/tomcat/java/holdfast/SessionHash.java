package holdfast;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A session's id as 16 hex digits of HMAC-SHA-256, and its route: `1f0c….i-0123…`. Without the key no id can be tried. */
final class SessionHash {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int BYTES = 8;
  /** Routes are instance ids and host names; what a client made up is not written. */
  private static final String ROUTE = "[A-Za-z0-9_:-]{1,64}";

  private final SecretKeySpec key;

  private SessionHash(byte[] key) {
    this.key = new SecretKeySpec(key, ALGORITHM);
  }

  static SessionHash withKey(byte[] key) {
    return new SessionHash(key);
  }

  static SessionHash random() {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    return new SessionHash(key);
  }

  /** `-` without an id. */
  String of(String id) {
    if (id == null || id.isEmpty()) return "-";
    int dot = id.indexOf('.');
    String bare = dot < 0 ? id : id.substring(0, dot);
    String route = dot < 0 ? "" : id.substring(dot + 1);
    return hex(bare) + (route.matches(ROUTE) ? "." + route : "");
  }

  private String hex(String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      byte[] digest = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
      StringBuilder hex = new StringBuilder();
      for (int index = 0; index < BYTES; index++) hex.append(String.format("%02x", Byte.valueOf(digest[index])));
      return hex.toString();
    } catch (GeneralSecurityException error) {
      throw new IllegalStateException(error);
    }
  }
}
