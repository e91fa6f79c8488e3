import com.sun.net.httpserver.HttpServer;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.accesslog.AccessLogHandler;
import io.undertow.servlet.Servlets;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.FileWriter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.AccessLogValve;
import org.apache.catalina.valves.JsonAccessLogValve;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.CustomRequestLog;
import org.eclipse.jetty.server.RequestLogWriter;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.session.DefaultSessionIdManager;

/** A shop on a servlet container, which users enter in several ways. Arguments: server, port, folder of its logs, then NAME=PATTERN. */
public class Main {
  static volatile int epoch = 0;

  static class Shop extends HttpServlet {
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
      String path = request.getRequestURI();
      var session = request.getSession(false);
      // What the store has lost.
      if (session != null && !Integer.valueOf(epoch).equals(session.getAttribute("epoch"))) {
        session.invalidate();
        session = null;
      }
      boolean isUser = session != null && session.getAttribute("user") != null;
      boolean isPost = request.getMethod().equals("POST");
      response.setContentType("text/plain");
      if (List.of("/login", "/users/sign_in", "/anmelden").contains(path) && !isPost) {
        request.getSession().setAttribute("epoch", epoch);
        response.getWriter().print("form");
      } else if (List.of("/login", "/users/sign_in", "/anmelden", "/session", "/auth/cb").contains(path) && (isPost || path.equals("/auth/cb"))) {
        var next = request.getSession();
        if (session != null) request.changeSessionId();
        next.setAttribute("epoch", epoch);
        next.setAttribute("user", "ann");
        if (path.equals("/session")) response.getWriter().print("{}");
        else response.sendRedirect("/account");
      } else if (path.equals("/auth/start")) {
        response.sendRedirect("https://id.example/authorize");
      } else if (List.of("/logout", "/users/sign_out", "/abmelden").contains(path) || path.equals("/session")) {
        if (session != null) session.invalidate();
        if (path.equals("/session")) response.setStatus(204);
        else response.sendRedirect("/");
      } else if (path.equals("/account") || path.startsWith("/cart") || path.startsWith("/orders/") || path.equals("/api/me")) {
        if (isUser && !isPost) response.getWriter().print("yours");
        else if (isUser) response.sendRedirect("/cart");
        else if (path.equals("/api/me")) response.setStatus(401);
        else response.sendRedirect("/login");
      } else {
        response.getWriter().print("shop");
      }
    }
  }

  public static void main(String[] args) throws Exception {
    String name = args[0];
    int port = Integer.parseInt(args[1]);
    String folder = args[2];
    var formats = new java.util.LinkedHashMap<String, String>();
    for (int each = 3; each < args.length; each++) {
      String[] parts = args[each].split("=", 2);
      formats.put(parts[0], parts[1]);
    }
    if (name.equals("tomcat")) tomcat(port, folder, formats);
    else if (name.equals("jetty")) jetty(port, folder, formats);
    else undertow(port, folder, formats);
    var control = HttpServer.create(new InetSocketAddress("127.0.0.1", port + 1), 0);
    control.createContext("/", exchange -> {
      if (exchange.getRequestURI().getPath().equals("/flush")) epoch++;
      exchange.sendResponseHeaders(204, -1);
      exchange.close();
    });
    control.start();
    System.out.println("ready");
  }

  static void tomcat(int port, String folder, Map<String, String> formats) throws Exception {
    var tomcat = new Tomcat();
    tomcat.setBaseDir(folder);
    tomcat.setPort(port);
    var context = tomcat.addContext("", Path.of(folder).toAbsolutePath().toString());
    Tomcat.addServlet(context, "shop", new Shop());
    context.addServletMappingDecoded("/*", "shop");
    for (var format : formats.entrySet()) {
      var valve = format.getKey().contains("json") ? new JsonAccessLogValve() : new AccessLogValve();
      valve.setDirectory(folder);
      valve.setPrefix(format.getKey());
      valve.setSuffix(".log");
      valve.setRotatable(false);
      valve.setBuffered(false);
      valve.setPattern(format.getValue());
      tomcat.getHost().getPipeline().addValve(valve);
    }
    tomcat.getConnector();
    tomcat.start();
  }

  static void jetty(int port, String folder, Map<String, String> formats) throws Exception {
    var server = new Server();
    var connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    connector.setPort(port);
    server.addConnector(connector);
    // As a Jetty with a worker's name has it.
    var ids = new DefaultSessionIdManager(server);
    ids.setWorkerName("node1");
    server.addBean(ids, true);
    var context = new ServletContextHandler("/", ServletContextHandler.SESSIONS);
    context.addServlet(new ServletHolder(new Shop()), "/*");
    server.setHandler(context);
    var logs = new java.util.ArrayList<org.eclipse.jetty.server.RequestLog>();
    for (var format : formats.entrySet()) {
      var log = new CustomRequestLog(new RequestLogWriter(folder + "/" + format.getKey() + ".log"), format.getValue());
      log.start();
      logs.add(log);
    }
    server.setRequestLog(new org.eclipse.jetty.server.RequestLog.Collection(logs.toArray(org.eclipse.jetty.server.RequestLog[]::new)));
    server.start();
  }

  static void undertow(int port, String folder, Map<String, String> formats) throws Exception {
    var deployment = Servlets.deployment().setClassLoader(Main.class.getClassLoader()).setContextPath("/").setDeploymentName("shop")
        .addServlet(Servlets.servlet("shop", Shop.class, () -> new io.undertow.servlet.util.ImmediateInstanceHandle<>(new Shop())).addMapping("/*"));
    var manager = Servlets.defaultContainer().addDeployment(deployment);
    manager.deploy();
    HttpHandler handler = manager.start();
    for (var format : formats.entrySet()) {
      var file = new FileWriter(folder + "/" + format.getKey() + ".log", true);
      handler = new AccessLogHandler(handler, line -> {
        try {
          file.write(line + "\n");
          file.flush();
        } catch (IOException error) {
          throw new java.io.UncheckedIOException(error);
        }
      }, format.getValue(), Main.class.getClassLoader());
    }
    Undertow.builder().addHttpListener(port, "127.0.0.1").setHandler(handler).build().start();
  }
}
