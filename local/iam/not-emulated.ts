/** What a user of the real IAM would miss in the calls that the gateway judges. */
export const NOT_EMULATED: readonly string[] = [
  'State machines, rules, stacks and alarms act inside the emulator, and instances with the account’s own key: their roles limit nothing.',
  'Calls of Elastic Load Balancing, ElastiCache, Systems Manager, Auto Scaling and CloudWatch are judged by the role’s own policies: permissions boundaries, session policies and the aws:… condition keys of the call are not looked at.',
  'A call that creates something, and every call of ElastiCache’s API (not elasticache:Connect) and of CloudWatch, is judged on all resources (*): a policy that narrows it to one is not enough here.',
  'aws:SecureTransport is true for every call: the local endpoint is plain HTTP on loopback, so a policy that refuses it refuses nothing here.',
  'Access keys of IAM users are known to the emulator’s services only.',
];
