<%@ page session="false" %>
<%@ include file="names.jspf" %>
<%
  // For a deploy, which finds out whether one release reads what another one wrote: a session of nobody, with a random value.
  if (!isLocal(request)) {
    response.setStatus(404);
%>
{"error":"not found",<%= names %>}
<%
    return;
  }
  String value = java.util.UUID.randomUUID().toString();
  request.getSession(true).setAttribute("probe", value);
  response.setContentType("text/plain; charset=UTF-8");
  out.print(value);
%>
