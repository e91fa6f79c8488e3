import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.DriverManager;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Databases and services that look like a store in trouble. Each entry's first line names what was wrong. */
public class Main {
  interface Use {
    void of(int port) throws Exception;
  }

  static void pool(int port) throws Exception {
    var config = new HikariConfig();
    config.setJdbcUrl("jdbc:postgresql://127.0.0.1:" + port + "/shop?connectTimeout=1&loginTimeout=1&socketTimeout=1");
    config.setConnectionTimeout(1_500);
    config.setInitializationFailTimeout(-1);
    try (var source = new HikariDataSource(config)) {
      source.getConnection();
    }
  }

  static void http(int port) throws Exception {
    var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api")).timeout(Duration.ofSeconds(1)).build();
    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  public static void main(String[] args) throws Exception {
    System.setProperty("logback.configurationFile", "logback.xml");
    Logger log = LoggerFactory.getLogger("o.a.c.c.C.[.[.[/].[dispatcherServlet]");
    var silent = new ServerSocket(0);
    for (var what : new String[] {"refused", "no answer"}) {
      int port = what.equals("refused") ? 1 : silent.getLocalPort();
      for (var name : new String[] {"HikariCP", "PostgreSQL", "HttpClient"}) {
        Use use = switch (name) {
          case "HikariCP" -> Main::pool;
          case "PostgreSQL" -> (of) -> DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + of + "/shop?connectTimeout=1&loginTimeout=1&socketTimeout=1");
          default -> Main::http;
        };
        try {
          use.of(port);
        } catch (Exception error) {
          System.out.println("\u001e" + name + ": " + what);
          log.error("Servlet.service() for servlet [dispatcherServlet] in context with path [] threw exception", error);
        }
      }
    }
    System.exit(0);
  }
}
