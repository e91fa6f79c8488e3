<%@ page session="false" import="shop.*,java.util.*" %><%
  // The lowest level is the error's cause; a page of HTML would hide it.
  try {
    String kind = request.getParameter("kind");
    HttpSession session = request.getSession(true);
    List<String> list = new ArrayList<>();
    Object value =
        "text".equals(kind) ? "a text"
        : "date".equals(kind) ? java.time.LocalDate.of(2026, 1, 2)
        : "map".equals(kind) ? new TreeMap<>(Map.of("a", 1))
        : "list".equals(kind) ? list
        : "versioned".equals(kind) ? new Versioned()
        : "unversioned".equals(kind) ? new Unversioned()
        : "plain".equals(kind) ? new Plain()
        : "nested".equals(kind) ? new Nested()
        : "lambda".equals(kind) ? new Plain.Holder(() -> {})
        : new Plain.Holder(new Thread());
    session.setAttribute("value", value);
    list.add("added later");
    out.print("set");
  } catch (Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) cause = cause.getCause();
    response.setStatus(500);
    out.print(cause.getClass().getName() + ": " + cause.getMessage());
  }
%>
