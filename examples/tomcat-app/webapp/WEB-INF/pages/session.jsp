<%@ page session="false" %>
<%@ include file="names.jspf" %>
<%
  // Begins a session of nobody, whose cookie's attributes an incident's runbook reads. Only for programs on this machine: RemoteIpValve has
  // put the client's address in the place of the load balancer's, and a load balancer on the same machine sends X-Forwarded-Port.
  boolean local = java.net.InetAddress.getByName(request.getRemoteAddr()).isLoopbackAddress() && request.getHeader("X-Forwarded-Port") == null;
  if (!local) {
    response.setStatus(404);
%>
{"error":"not found",<%= names %>}
<%
    return;
  }
  request.getSession(true).setAttribute("probe", Boolean.TRUE);
%>
{<%= names %>}
