/** What a user of Elastic Load Balancing would miss in the local cloud. */
export const NOT_EMULATED: readonly string[] = [
  'Only Application Load Balancers with HTTP/1.1 targets: no Network or Gateway Load Balancers, HTTP/2, gRPC, Lambda targets or IPv6.',
  'A load balancer is one process on this machine: no Availability Zones, cross-zone routing, DNS, zonal shift or capacity units.',
  'Every load balancer is called localhost, and a listener may answer on another port than its own.',
  'Security groups, subnets and VPCs are recorded and have no effect; X-Forwarded-For names 127.0.0.1.',
  'Actions authenticate-oidc, authenticate-cognito and jwt-validation are refused, and so are URL and host header rewrites.',
  'Every HTTPS listener presents one certificate for localhost, whatever certificate ARN it names; SslPolicy is recorded only, and there is no mutual TLS.',
  'Slow start, anomaly mitigation, unhealthy-state routing thresholds and desync mitigation are recorded and have no effect.',
  'Client keep-alive, header modification attributes, preserved and dropped headers, and TLS headers are recorded and have no effect.',
  'No access, connection or health check logs, and no AWS WAF.',
  'AWSALBAPP-1 to -3 and the _remove_ values of application-based stickiness are not sent.',
  'Sticky cookies are sealed with a key that lives as long as the process.',
  'Regular expressions of conditions are those of JavaScript and match anywhere in the value.',
  'While no target is healthy yet, requests go to targets in state initial too (what AWS does is not documented).',
  'Describe operations give everything at once: no markers and no page sizes.',
  'Per-zone metrics, processed bytes, consumed capacity, rejected connections and TLS metrics are not reported; sums come as one sample a period.',
  'Changes show in Describe operations at once; only the data plane has a propagation lag, and only when one is set.',
];
