<%@ page session="false" %>
<%@ include file="names.jspf" %>
<%
  // Answers the value of probe-write.jsp to a request with that session, and begins none.
  HttpSession written = isLocal(request) ? request.getSession(false) : null;
  Object value = written == null ? null : written.getAttribute("probe");
  if (!(value instanceof String)) {
    response.setStatus(404);
%>
{"error":"not found",<%= names %>}
<%
    return;
  }
  response.setContentType("text/plain; charset=UTF-8");
  out.print(value);
%>
