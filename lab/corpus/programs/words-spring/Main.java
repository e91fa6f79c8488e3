import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.serializer.GenericJackson2JsonRedisSerializer;
import org.springframework.data.redis.serializer.JdkSerializationRedisSerializer;
import org.springframework.security.crypto.encrypt.Encryptors;

/** Sessions that Spring cannot read or decrypt. Each entry's first line names what was wrong. */
public class Main {
  static class Cart implements Serializable {
    private static final long serialVersionUID = 1;
  }

  interface Act {
    void act() throws Exception;
  }

  static final Logger LOG = LoggerFactory.getLogger("o.a.c.c.C.[.[.[/].[dispatcherServlet]");

  static void wrong(String name, Act act) {
    try {
      act.act();
    } catch (Exception error) {
      System.out.println("\u001e" + name);
      LOG.error("Servlet.service() for servlet [dispatcherServlet] in context with path [] threw exception", error);
    }
  }

  public static void main(String[] args) throws Exception {
    System.setProperty("logback.configurationFile", "logback.xml");
    var out = new ByteArrayOutputStream();
    new ObjectOutputStream(out).writeObject(new Cart());
    byte[] bytes = out.toByteArray();
    var jdk = new JdkSerializationRedisSerializer(Main.class.getClassLoader());
    wrong("serialVersionUID changed", () -> {
      byte[] changed = bytes.clone();
      // Its number follows its name and ends in 1.
      int at = new String(changed, StandardCharsets.ISO_8859_1).indexOf("Main$Cart") + 9;
      changed[at + 7] = 2;
      jdk.deserialize(changed);
    });
    wrong("class removed", () -> jdk.deserialize(new String(bytes, StandardCharsets.ISO_8859_1).replace("Main$Cart", "Main$Bask").getBytes(StandardCharsets.ISO_8859_1)));
    wrong("from Jackson to the JDK", () -> jdk.deserialize("{\"user\":\"ann\"}".getBytes()));
    wrong("from the JDK to Jackson", () -> new GenericJackson2JsonRedisSerializer().deserialize(bytes));
    wrong("another password, Spring Security", () -> {
      byte[] secret = Encryptors.stronger("old", "5c0744940b5c369b").encrypt("session ann".getBytes());
      Encryptors.stronger("new", "5c0744940b5c369b").decrypt(secret);
    });
    System.exit(0);
  }
}
