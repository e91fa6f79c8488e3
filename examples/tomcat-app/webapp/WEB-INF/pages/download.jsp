<%@ page session="false" %>
<%@ include file="names.jspf" %>
<%
  int chunks = Math.max(1, number(request.getParameter("chunks"), 500));
  int ms = number(request.getParameter("ms"), 30_000);
  response.setContentType("application/x-ndjson");
  for (int chunk = 1; chunk <= chunks; chunk++) {
    out.print("{\"chunk\":" + chunk + ",\"of\":" + chunks + "," + names + "}\n");
    out.flush();
    if (ms > 0) Thread.sleep(ms / chunks);
  }
%>
