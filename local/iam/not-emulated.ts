/** What a user of the real IAM would miss in the calls that the gateway judges. */
export const NOT_EMULATED: readonly string[] = [
  'Of what a state machine calls, functions and child executions are judged by its role; other integrations, stacks and alarms act inside the emulator, and their roles limit nothing.',
  'Of the targets of a rule, state machines are judged by the role; what it may not start is lost and comes into no dead-letter queue.',
  'What a rule publishes to a topic reaches it whatever the topic’s policy says; what a topic sends to a queue is judged by the queue’s policy.',
  'A role that lacks the network interfaces of a function, or the log delivery or the managed rule of a state machine, is refused when they are created; what AWS does with them later is not shown.',
  'The agent of Systems Manager on a machine is judged once, when it reports; its role is not asked for each command.',
  'Calls of Elastic Load Balancing, ElastiCache, Systems Manager, Auto Scaling and CloudWatch are judged by the role’s own policies: permissions boundaries, session policies and the aws:… condition keys of the call are not looked at.',
  'A call that creates something, and every call of ElastiCache’s API (not elasticache:Connect) and of CloudWatch, is judged on all resources (*): a policy that narrows it to one is not enough here.',
  'aws:SecureTransport is true for every call: the local endpoint is plain HTTP on loopback, so a policy that refuses it refuses nothing here.',
  'Access keys of IAM users are known to the emulator’s services only.',
];
