package holdfast;

import java.io.CharArrayWriter;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.catalina.Session;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.AccessLogValve;

/**
 * Counts the requests of the main connector, and writes a line for each from which the route of its session can be told:
 * when, status, milliseconds, the pattern of the servlet's mapping or the class of a page's part, the class of the user agent,
 * whether a page of another site led here, the session that the client named and the one that the request ended with, each as a
 * keyed hash and the route.
 * No id, path, query or address is written. Health checks are written only when they have a session.
 *
 * The valve is told of a request's begin by the pipeline and of its end by Tomcat's access logging, which waits for
 * asynchronous requests: those occupy no thread, so the thread pool's MBean does not show them.
 */
public class SessionRouteValve extends AccessLogValve {
  /** Note of a request that is asynchronous, with what is to be done at its end, as a Runnable. */
  static final String LATER = "holdfast.atRequestEnd";
  private static final String STARTED = "holdfast.startedNs";
  private static final int KEPT_FILES = 5;
  private static final Pattern PAGE_PART =
      Pattern.compile("[.](m?js|css|woff2?|ttf|otf|png|jpe?g|gif|svg|webp|avif|ico)$", Pattern.CASE_INSENSITIVE);
  /** The session that a request has already. Its getters look one up, which counts as a use of the session. */
  private static final Field SESSION = sessionField();

  private String[] ignored = {};
  private long maxBytes = 10L * 1024 * 1024;
  private SessionHash hash = SessionHash.random();
  private long writtenBytes;

  public SessionRouteValve() {
    setRotatable(false);
    // A deploy reads the line within seconds.
    setBuffered(false);
  }

  /** Paths that are not counted, separated by blanks: those of health checks. */
  public void setIgnoredPaths(String paths) {
    ignored = paths.trim().split("\\s+");
  }

  /** File with the key of the hash. */
  public void setKeyFile(String file) throws IOException {
    hash = SessionHash.withKey(Files.readAllBytes(new File(file).toPath()));
  }

  /** Size at which the log begins anew; the four before it are kept. */
  public void setMaxBytes(long bytes) {
    maxBytes = bytes;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException {
    SessionOrigin.noteRequest(request);
    // An asynchronous request that is dispatched, or timed out, comes by once more.
    if (request.getNote(STARTED) == null && !isIgnored(request.getDecodedRequestURI())) {
      RequestCounts.MAIN.requests.incrementAndGet();
      RequestCounts.MAIN.inFlight.incrementAndGet();
      request.setNote(STARTED, Long.valueOf(System.nanoTime()));
    }
    super.invoke(request, response);
  }

  @Override
  public void log(Request request, Response response, long time) {
    Object later = request.getNote(LATER);
    request.removeNote(LATER);
    try {
      if (later != null) ((Runnable) later).run();
    } finally {
      noteEnd(request, response, time);
    }
  }

  private void noteEnd(Request request, Response response, long time) {
    Long started = (Long) request.getNote(STARTED);
    Session session = sessionOf(request);
    SessionOrigin.noteSession(request, session);
    String id = session == null ? null : session.getIdInternal();
    if (started == null) {
      if (id != null && isIgnored(request.getDecodedRequestURI())) write(request, response.getStatus(), time, id);
      return;
    }
    request.removeNote(STARTED);
    RequestCounts.MAIN.inFlight.decrementAndGet();
    int status = response.getStatus();
    if (status >= 500) RequestCounts.MAIN.errors.incrementAndGet();
    long tookMs = (System.nanoTime() - started.longValue()) / 1_000_000;
    RequestCounts.MAIN.took(tookMs);

    write(request, status, tookMs, id);
  }

  private void write(Request request, int status, long tookMs, String id) {
    CharArrayWriter line = new CharArrayWriter(200);
    line.append(Instant.now().toString()).append(" status=").append(Integer.toString(status));
    line.append(" ms=").append(Long.toString(tookMs));
    line.append(" path=").append(pathOf(request));
    line.append(" agent=").append(AgentClass.of(request.getHeader("user-agent")));
    line.append(" from=").append(from(request.getHeader("referer"), request.getHeader("host")));
    line.append(" received=").append(hash.of(request.getRequestedSessionId()));
    line.append(" session=").append(hash.of(id));
    log(line);
  }

  /** The class of what a page loads, as in `/*.js`, else the mapping. */
  private static String pathOf(Request request) {
    Matcher part = PAGE_PART.matcher(request.getDecodedRequestURI());
    return part.find() ? "/*" + part.group().toLowerCase(Locale.ROOT) : mapping(request);
  }

  /** `/login`, `/api/*` or `*.jsp`, as web.xml has it. By reflection: the type is javax's in Tomcat 9 and jakarta's later. */
  private static String mapping(Request request) {
    try {
      Object mapping = Request.class.getMethod("getHttpServletMapping").invoke(request);
      for (Class<?> type : mapping.getClass().getInterfaces()) {
        if (!type.getSimpleName().equals("HttpServletMapping")) continue;
        Object pattern = type.getMethod("getPattern").invoke(mapping);
        return pattern == null || pattern.toString().isEmpty() ? "/" : pattern.toString().replaceAll("\\s", "");
      }
    } catch (ReflectiveOperationException | RuntimeException error) {
      // A request that no servlet was found for.
    }
    return "-";
  }

  /** Whether a page of another site led here. */
  private static String from(String referer, String host) {
    if (referer == null) return "-";
    try {
      String site = URI.create(referer).getAuthority();
      return site == null ? "-" : site.equalsIgnoreCase(host) ? "same" : "other";
    } catch (IllegalArgumentException error) {
      return "-";
    }
  }

  @Override
  public void log(CharArrayWriter line) {
    int length = line.size() + 1;
    super.log(line);
    synchronized (this) {
      writtenBytes += length;
      if (writtenBytes < maxBytes) return;
      writtenBytes = 0;
      File folder = getDirectoryFile();
      String name = getPrefix() + getSuffix();
      for (int number = KEPT_FILES - 2; number >= 1; number--) move(new File(folder, name + "." + number), new File(folder, name + "." + (number + 1)));
      rotate(new File(folder, name + ".1").getPath());
    }
  }

  private File getDirectoryFile() {
    File folder = new File(getDirectory());
    return folder.isAbsolute() ? folder : new File(System.getProperty("catalina.base"), getDirectory());
  }

  private static void move(File from, File to) {
    try {
      if (from.exists()) Files.move(from.toPath(), to.toPath(), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException error) {
      // The log goes on without the older file.
    }
  }

  private boolean isIgnored(String path) {
    for (String each : ignored) if (each.equals(path)) return true;
    return false;
  }

  private static Session sessionOf(Request request) {
    try {
      Session session = SESSION == null ? null : (Session) SESSION.get(request);
      boolean isValid = session instanceof KnownHere ? ((KnownHere) session).isValidHere() : session != null && session.isValid();
      return isValid ? session : null;
    } catch (IllegalAccessException | RuntimeException error) {
      return null;
    }
  }

  private static Field sessionField() {
    try {
      Field field = Request.class.getDeclaredField("session");
      field.setAccessible(true);
      return field;
    } catch (ReflectiveOperationException | RuntimeException error) {
      return null;
    }
  }
}
