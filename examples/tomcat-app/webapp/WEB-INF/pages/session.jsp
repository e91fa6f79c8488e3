<%@ page session="false" %>
<%@ include file="names.jspf" %>
<%
  // Begins a session of nobody, whose cookie's attributes an incident's runbook reads. Only for programs on this machine.
  if (!isLocal(request)) {
    response.setStatus(404);
%>
{"error":"not found",<%= names %>}
<%
    return;
  }
  request.getSession(true).setAttribute("probe", Boolean.TRUE);
%>
{<%= names %>}
