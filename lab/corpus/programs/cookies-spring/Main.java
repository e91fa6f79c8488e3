import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.RemoteIpValve;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.springframework.session.MapSessionRepository;
import org.springframework.session.web.http.CookieHttpSessionIdResolver;
import org.springframework.session.web.http.DefaultCookieSerializer;
import org.springframework.session.web.http.SessionRepositoryFilter;

/** A shop with Spring Session's cookies: GET / visits, POST /login changes the id, GET /account uses it, POST /logout ends it. */
public class Main {
  static String variant;

  static class Shop extends HttpServlet {
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
      String path = request.getRequestURI();
      if (path.equals("/login")) {
        if (request.getSession(false) != null) request.changeSessionId();
        request.getSession().setAttribute("user", "ann");
        response.sendRedirect("/account");
      } else if (path.equals("/logout")) {
        var session = request.getSession(false);
        if (session != null) session.invalidate();
        response.sendRedirect("/");
      } else if (!path.equals("/ready")) {
        request.getSession();
        response.getWriter().print("shop");
      }
    }
  }

  public static void main(String[] args) throws Exception {
    variant = args[1];
    var folder = Files.createTempDirectory("spring");
    var tomcat = new Tomcat();
    tomcat.setBaseDir(folder.toString());
    tomcat.setPort(Integer.parseInt(System.getenv("PORT")));
    var context = tomcat.addContext("", folder.toString());
    tomcat.getEngine().getPipeline().addValve(new RemoteIpValve());
    Tomcat.addServlet(context, "shop", new Shop());
    context.addServletMappingDecoded("/*", "shop");
    var definition = new FilterDef();
    definition.setFilterName("sessions");
    definition.setFilter(spring());
    context.addFilterDef(definition);
    var mapping = new FilterMap();
    mapping.setFilterName("sessions");
    mapping.addURLPattern("/*");
    context.addFilterMap(mapping);
    tomcat.getConnector();
    tomcat.start();
    Thread.currentThread().join();
  }

  static jakarta.servlet.Filter spring() {
    var serializer = new DefaultCookieSerializer();
    if (variant.equals("hardened")) {
      serializer.setCookieName("__Host-SID");
      serializer.setCookiePath("/");
      serializer.setUseSecureCookie(true);
      serializer.setSameSite("Strict");
    }
    if (variant.equals("aged")) serializer.setCookieMaxAge(1_800);
    if (variant.equals("embedded")) {
      serializer.setUseSecureCookie(true);
      serializer.setSameSite("None");
      serializer.setPartitioned(true);
    }
    if (variant.equals("domain")) {
      serializer.setDomainName("shop.example");
      serializer.setJvmRoute("node1");
    }
    var resolver = new CookieHttpSessionIdResolver();
    resolver.setCookieSerializer(serializer);
    var filter = new SessionRepositoryFilter<>(new MapSessionRepository(new ConcurrentHashMap<>()));
    filter.setHttpSessionIdResolver(resolver);
    return filter;
  }
}
