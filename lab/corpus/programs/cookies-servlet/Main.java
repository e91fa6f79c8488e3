import io.undertow.Undertow;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.ServletSessionConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.RemoteIpValve;
import org.apache.tomcat.util.http.Rfc6265CookieProcessor;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.HttpCookie;
import org.eclipse.jetty.server.ForwardedRequestCustomizer;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A shop on a servlet container: GET / visits, POST /login changes the session's id, GET /account uses it, POST /logout ends it. */
public class Main {
  static String variant;

  static class Shop extends HttpServlet {
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
      String path = request.getServletPath() + (request.getPathInfo() == null ? "" : request.getPathInfo());
      response.setContentType("text/plain");
      if (path.equals("/login")) {
        var session = request.getSession();
        if (!session.isNew()) request.changeSessionId();
        session.setAttribute("user", "ann");
        var remembered = new Cookie("remember", "4f1c8a2be7");
        remembered.setMaxAge(1_209_600);
        if (variant.equals("hardened")) remembered.setAttribute("SameSite", "Strict");
        response.addCookie(remembered);
        response.sendRedirect("account");
      } else if (path.equals("/logout")) {
        var session = request.getSession(false);
        if (session != null) session.invalidate();
        for (String name : new String[] {"remember", name(request.getServletContext())}) {
          var gone = new Cookie(name, "");
          gone.setMaxAge(0);
          gone.setPath("/");
          if (name.startsWith("__Host-")) gone.setSecure(true);
          response.addCookie(gone);
        }
        response.sendRedirect("./");
      } else if (!path.equals("/ready")) {
        request.getSession();
        response.getWriter().print("shop");
      }
    }
  }

  static String name(ServletContext context) {
    String name = context.getSessionCookieConfig().getName();
    return name == null ? "JSESSIONID" : name;
  }

  static void configure(ServletContext context) {
    var cookie = context.getSessionCookieConfig();
    if (variant.equals("hardened")) {
      cookie.setName("__Host-SID");
      cookie.setHttpOnly(true);
      cookie.setSecure(true);
      cookie.setPath("/");
      cookie.setAttribute("SameSite", "Strict");
    }
    if (variant.equals("aged")) {
      cookie.setMaxAge(1_800);
      cookie.setAttribute("SameSite", "Lax");
    }
    if (variant.equals("embedded")) {
      cookie.setSecure(true);
      cookie.setAttribute("SameSite", "None");
      cookie.setAttribute("Partitioned", "true");
    }
  }

  public static void main(String[] args) throws Exception {
    variant = args[1];
    int port = Integer.parseInt(System.getenv("PORT"));
    if (args[0].equals("tomcat")) tomcat(port);
    else if (args[0].equals("jetty")) jetty(port);
    else undertow(port);
    Thread.currentThread().join();
  }

  static void tomcat(int port) throws Exception {
    var folder = Files.createTempDirectory("tomcat");
    var tomcat = new Tomcat();
    tomcat.setBaseDir(folder.toString());
    tomcat.setPort(port);
    var context = tomcat.addContext(variant.equals("path") ? "/shop" : "", folder.toString());
    context.addServletContainerInitializer((classes, servletContext) -> configure(servletContext), null);
    if (variant.equals("processor")) {
      var processor = new Rfc6265CookieProcessor();
      processor.setSameSiteCookies("lax");
      processor.setPartitioned(false);
      context.setCookieProcessor(processor);
      context.setUseHttpOnly(false);
      context.setSessionCookiePathUsesTrailingSlash(true);
    }
    // Without it Tomcat does not know that the browser came by HTTPS.
    if (!variant.equals("untrusted")) tomcat.getEngine().getPipeline().addValve(new RemoteIpValve());
    Tomcat.addServlet(context, "shop", new Shop());
    context.addServletMappingDecoded("/*", "shop");
    tomcat.getConnector();
    tomcat.start();
  }

  static void jetty(int port) throws Exception {
    var server = new Server();
    var http = new HttpConfiguration();
    http.addCustomizer(new ForwardedRequestCustomizer());
    var connector = new ServerConnector(server, new HttpConnectionFactory(http));
    connector.setHost("127.0.0.1");
    connector.setPort(port);
    server.addConnector(connector);
    var handler = new ServletContextHandler("/", ServletContextHandler.SESSIONS);
    if (variant.equals("processor")) handler.getSessionHandler().setSameSite(HttpCookie.SameSite.LAX);
    configure(handler.getServletContext());
    if (variant.equals("rolling")) {
      handler.getSessionHandler().getSessionCookieConfig().setMaxAge(1_800);
      handler.getSessionHandler().setRefreshCookieAge(1);
    }
    handler.addServlet(new ServletHolder(new Shop()), "/*");
    server.setHandler(handler);
    server.start();
  }

  static void undertow(int port) throws Exception {
    var deployment = Servlets.deployment()
        .setClassLoader(Main.class.getClassLoader())
        .setContextPath("/")
        .setDeploymentName("shop")
        .addServletContainerInitializer(new io.undertow.servlet.api.ServletContainerInitializerInfo(Start.class, java.util.Set.of()))
        .addServlet(Servlets.servlet("shop", Shop.class).addMapping("/*"));
    var manager = Servlets.defaultContainer().addDeployment(deployment);
    manager.deploy();
    Undertow.builder().addHttpListener(port, "127.0.0.1").setHandler(io.undertow.Handlers.proxyPeerAddress(manager.start())).build().start();
  }

  public static class Start implements jakarta.servlet.ServletContainerInitializer {
    @Override
    public void onStartup(java.util.Set<Class<?>> classes, ServletContext context) {
      configure(context);
    }
  }
}
