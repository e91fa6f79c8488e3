import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.catalina.startup.Tomcat;
import org.redisson.tomcat.RedissonSessionManager;

public class Main {
  static class Shop extends HttpServlet {
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws java.io.IOException {
      var session = request.getSession();
      switch (request.getPathInfo()) {
        case "/login" -> {
          session.setAttribute("user", request.getParameter("user"));
          if (request.getParameter("seconds") != null) session.setMaxInactiveInterval(Integer.parseInt(request.getParameter("seconds")));
        }
        case "/use" -> session.setAttribute("visits", 1);
        default -> session.invalidate();
      }
      response.getWriter().print(session.getId());
    }
  }

  static final HttpClient CLIENT = HttpClient.newHttpClient();

  static String get(int port, String path, String id) throws Exception {
    var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).header("Cookie", "JSESSIONID=" + id).build();
    return CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("corpus-tomcat");
    String codec = args[0].equals("kryo") ? "org.redisson.codec.Kryo5Codec" : args[0].equals("json") ? "org.redisson.codec.JsonJacksonCodec" : "org.redisson.codec.SerializationCodec";
    Path settings = folder.resolve("redisson.yaml");
    Files.writeString(settings, "codec: !<" + codec + "> {}\nsingleServerConfig:\n  address: \"redis://127.0.0.1:" + System.getenv("CORPUS_PORT") + "\"\n");
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(folder.toString());
    tomcat.setPort(0);
    var context = tomcat.addContext("", folder.toString());
    var manager = new RedissonSessionManager();
    manager.setConfigPath(settings.toString());
    context.setManager(manager);
    Tomcat.addServlet(context, "shop", new Shop());
    context.addServletMappingDecoded("/*", "shop");
    tomcat.getConnector();
    tomcat.start();
    int port = tomcat.getConnector().getLocalPort();

    String ann = get(port, "/login?user=ann", "");
    System.out.println("id upper-hex " + ann);
    get(port, "/use", ann);
    String ben = get(port, "/login?user=ben", "");
    System.out.println("id upper-hex " + ben);
    get(port, "/logout", ben);
    Thread.sleep(500);
    Runtime.getRuntime().halt(0);
  }
}
