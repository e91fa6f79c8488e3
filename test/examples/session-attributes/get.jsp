<%@ page session="false" %><%
  try {
    HttpSession session = request.getSession(false);
    out.print(session == null ? "no session" : String.valueOf(session.getAttribute("value")));
  } catch (Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) cause = cause.getCause();
    response.setStatus(500);
    out.print(cause.getClass().getName() + ": " + cause.getMessage());
  }
%>
