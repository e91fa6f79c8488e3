package holdfast;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Principal;
import java.util.Collections;
import java.util.TreeSet;
import org.apache.catalina.session.StandardSession;

/** What is in a session, as 32 hexadecimal digits that are equal on each server that holds the same attributes. */
final class SessionDigest {
  private static final int BYTES = 16;
  /** Tomcat copies neither: they belong to the server that authenticated the user. */
  private static final String SUBJECT = "javax.security.auth.subject";
  private static final String CREDENTIAL = "org.apache.catalina.realm.GSS_CREDENTIAL";

  private SessionDigest() {}

  /** @throws IOException when an attribute cannot be written, or not be read again */
  static String of(StandardSession session, ClassLoader classes) throws IOException, ClassNotFoundException {
    MessageDigest digest = sha256();
    Principal user = session.getPrincipal();
    add(digest, user == null || user.getName() == null ? "" : user.getName());
    for (String name : new TreeSet<>(Collections.list(session.getAttributeNames()))) {
      if (name.equals(SUBJECT) || name.equals(CREDENTIAL)) continue;
      Object value = session.getAttribute(name);
      if (value == null) continue;
      add(digest, name);
      // A copy has been written and read: a table of it has another capacity, for instance. Written once more, both are alike.
      byte[] original = written(value);
      digest.update(InOneOrder.written(read(original, classes), original.length, classes));
    }
    return hex(digest.digest());
  }

  static String hex(byte[] bytes) {
    StringBuilder hex = new StringBuilder();
    for (int index = 0; index < BYTES; index++) {
      hex.append(Character.forDigit(bytes[index] >> 4 & 0xf, 16)).append(Character.forDigit(bytes[index] & 0xf, 16));
    }
    return hex.toString();
  }

  private static void add(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  static byte[] written(Object value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    }
    return bytes.toByteArray();
  }

  static Object read(byte[] bytes, ClassLoader classes) throws IOException, ClassNotFoundException {
    try (ObjectInputStream in = new OfApplication(new ByteArrayInputStream(bytes), classes)) {
      return in.readObject();
    }
  }

  private static final class OfApplication extends ObjectInputStream {
    private final ClassLoader classes;

    OfApplication(InputStream in, ClassLoader classes) throws IOException {
      super(in);
      this.classes = classes;
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass type) throws IOException, ClassNotFoundException {
      try {
        return Class.forName(type.getName(), false, classes);
      } catch (ClassNotFoundException primitive) {
        return super.resolveClass(type);
      }
    }

    /** Finds the interfaces of a proxy as Tomcat does: those of the application are in no loader that Java would try here. */
    @Override
    @SuppressWarnings("deprecation")
    protected Class<?> resolveProxyClass(String[] names) throws IOException, ClassNotFoundException {
      Class<?>[] interfaces = new Class<?>[names.length];
      ClassLoader loader = classes;
      for (int index = 0; index < names.length; index++) {
        interfaces[index] = Class.forName(names[index], false, classes);
        // The proxy of an interface that is not public is in the interface's own loader.
        if (!java.lang.reflect.Modifier.isPublic(interfaces[index].getModifiers())) loader = interfaces[index].getClassLoader();
      }
      try {
        return Proxy.getProxyClass(loader, interfaces);
      } catch (IllegalArgumentException unfit) {
        throw new ClassNotFoundException("a proxy's interfaces", unfit);
      }
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException error) {
      throw new IllegalStateException(error);
    }
  }
}
