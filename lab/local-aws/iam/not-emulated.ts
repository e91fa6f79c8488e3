/** Features of IAM that are missing from the calls that the gateway authorizes. */
export const NOT_EMULATED: readonly string[] = [
  'A state machine’s role limits only the functions and child executions that the machine starts; other integrations, and the roles of stacks and alarms, are not limited.',
  'A rule’s role limits only the state machines that the rule starts; an event that may not start one is lost and reaches no dead-letter queue.',
  'A rule’s message reaches a topic whatever the topic’s policy is; a topic’s message to a queue is checked against the queue’s policy.',
  'A role without permission for the network interfaces of a function, or for the log delivery or managed rule of a state machine, is refused at creation; later effects on AWS are not emulated.',
  'The role of a machine’s Systems Manager agent is checked once, when the agent registers, and not for each command.',
  'Calls to Elastic Load Balancing, ElastiCache, Systems Manager, Auto Scaling and CloudWatch are checked against the role’s own policies; permissions boundaries, session policies and the call’s aws:… condition keys are ignored.',
  'A call that creates something, and every call to the APIs of ElastiCache (except elasticache:Connect) and CloudWatch, needs permission on all resources (*): a policy for a single resource is not enough here.',
  'aws:SecureTransport is true for every call: the local endpoint is plain HTTP on loopback, so a policy that denies plain HTTP denies nothing here.',
  'Calls that are not signed with Signature Version 4 are refused: unsigned ones, versions 2 and 4A, uploads to S3 by forms, and S3’s virtual-hosted addresses.',
  'Access keys of IAM users work only with the emulator’s services.',
];
