/**
 * What an appspec can say, against the source of CodeDeploy's agent: a test for each row. `reports`: what its users reported.
 * @see https://github.com/aws/aws-codedeploy-agent/tree/master/lib/instance_agent/plugins/codedeploy
 */
export interface Feature {
  /** Files of the agent without `.rb`, and the method. */
  readonly source: string;
  /** How Holdfast differs. @default it does not */
  readonly difference?: string;
  /** Numbers of issues and pull requests of aws/aws-codedeploy-agent. */
  readonly reports?: readonly number[];
}

export const FILE_FEATURES = {
  'files: a file goes into its destination under its own name': { source: 'installer generate_instructions' },
  'files: the content of a folder goes into its destination, which is made with what is above it': {
    source: 'installer fill_in_missing_ancestors, generate_directory_copy',
  },
  'files: / is the whole bundle, with its appspec': { source: 'installer generate_instructions', reports: [138] },
  'files: a link to a file is copied as a link, and one to a folder as what is in it': {
    source: 'installer generate_directory_copy, install_instruction CopyCommand',
    reports: [152],
  },
  'files: two sources for one destination are refused': {
    source: 'install_instruction CommandBuilder copy',
    difference: 'Before anything is stopped.',
  },
  'files: a folder of the server can have two names': { source: 'install_instruction CommandBuilder copy' },
  'files: a link of root alone on the server is followed, up as well': {
    source: 'installer generate_directory_copy',
    difference: 'The agent follows all.',
  },
  'files: a source that the bundle lacks is refused': {
    source: 'install_instruction CopyCommand',
    difference: 'Before anything is stopped; the agent fails after it has removed the previous files.',
    reports: [138],
  },
  'files: modes are those of the archive': {
    source: 'install_instruction CopyCommand (preserve)',
    difference:
      'The owner is root, set-id bits are dropped, and the time is that of the deploy, so that Tomcat sees a new WAR after a rollback. In a bundle with runas of another user only the owner can write.',
  },
  'files: a destination in the folder of the deploys is refused': {
    source: 'none',
    difference: "The agent would overwrite its own files; Holdfast's folder is refused before anything is stopped.",
  },
  'file_exists_behavior DISALLOW: a file that no earlier Install brought fails the event before any copy': {
    source: 'installer generate_normal_copy',
    difference:
      'A link without a target counts as a file. The failure names --adopt; where no script comes before Install it is before anything is stopped.',
    reports: [14, 322],
  },
  'file_exists_behavior DISALLOW: what ApplicationStop of the last bundle removes is in no way': {
    source: 'installer generate_normal_copy',
  },
  'file_exists_behavior DISALLOW: a rollback replaces what scripts of the failed release made': {
    source: 'installer generate_normal_copy',
    difference: 'A rollback of the agent fails there.',
  },
  'a link that a script made in the place of a folder is removed with what the last Install brought': {
    source: 'install_instruction RemoveCommand',
    difference: 'One that somebody else made is refused; before anything is stopped, if no script of BeforeInstall can remove it.',
  },
  'file_exists_behavior OVERWRITE: what is there is replaced': {
    source: 'installer generate_normal_copy',
    difference: 'A link is replaced; the agent writes through it, or fails for a link of the bundle.',
    reports: [14, 143, 203],
  },
  'file_exists_behavior OVERWRITE: a folder in the place of a file is refused': {
    source: 'install_instruction CopyCommand',
    difference: 'The agent copies into the folder. Without scripts of BeforeInstall it is refused before anything is stopped.',
  },
  'file_exists_behavior RETAIN: what is there stays, and is not removed later': { source: 'installer generate_normal_copy' },
  'Install removes what the last Install brought, folders only when empty': {
    source: 'installer install, install_instruction RemoveCommand',
    difference: 'Not through a link that came into the path since then.',
  },
  'Install removes what a failed Install wrote': {
    source: 'installer install (cleanup file), install_instruction parse_remove_commands',
    difference: 'At once, where the disk refuses it; the agent at the next Install.',
  },
  'permissions: an object that is a copied file': { source: 'installer generate_instructions' },
  'permissions: pattern and except match names in the object folder, ** all below it, and the object itself never': {
    source: 'application_specification/linux_permission_info matches_pattern?, matches_except?',
    reports: [151],
  },
  'permissions: type chooses files or folders': { source: 'install_instruction find_matches' },
  'permissions: only what this Install copied or made': { source: 'install_instruction find_matches' },
  'permissions: a pattern for a file is refused': {
    source: 'application_specification/linux_permission_info validate_file_permission',
    difference: 'Before anything is stopped.',
  },
  'permissions: the same object twice is refused': { source: 'install_instruction set_permissions' },
  'permissions: owner and group': {
    source: 'install_instruction ChangeOwnerCommand',
    difference: 'Through no link. Without scripts of BeforeInstall an unknown account is refused before anything is stopped.',
  },
  'permissions: a type that is empty gives nothing': { source: 'application_specification/linux_permission_info initialize' },
  'permissions: what RETAIN leaves there is not judged': { source: 'installer generate_instructions' },
  'permissions: a mode of one to four digits': {
    source: 'application_specification/mode_info',
    difference: 'Through no link.',
  },
} as const satisfies Record<string, Feature>;

export const HOOK_FEATURES = {
  'several scripts of an event run in their order, and the first failure ends them': { source: 'hook_executor execute' },
  'location: a path in the bundle, also with a / before it': { source: 'hook_executor script_absolute_path', reports: [33] },
  'location: a script that is missing fails its event': {
    source: 'hook_executor execute',
    difference: 'A path or link that leads out of the bundle counts as missing.',
  },
  'a script without run bits gets them': {
    source: 'hook_executor execute',
    difference: 'One with runas of another user also becomes readable for that user.',
    reports: [111],
  },
  'a script that is copied keeps the modes that let it run': { source: 'hook_executor execute' },
  'a script without #! runs in sh': { source: 'hook_executor execute_script (popen3)' },
  'a path with a space needs no quotes': { source: 'hook_executor execute_script (popen3)', difference: 'The agent cuts the path there.' },
  'the variables of the agent': {
    source: 'hook_executor initialize',
    difference: 'The group is the fleet, the application the installation, the deployment the number of the lease; no BUNDLE_ variables.',
  },
  'what /etc/profile exports or sets is in the environment': {
    source: 'init.d/codedeploy-agent.service',
    reports: [50, 181],
  },
  'the working directory is /': { source: 'init.d/codedeploy-agent.service', reports: [67, 116, 339, 384] },
  'standard input is empty': { source: 'hook_executor execute_script' },
  'timeout: the group is ended by TERM': {
    source: 'hook_executor execute_script, platform/thread_joiner',
    difference: 'A group that still runs 10 s later is killed.',
  },
  'what a script leaves running in the background is not waited for': {
    source: 'hook_executor execute_script, ScriptError OUTPUTS_LEFT_OPEN_CODE',
    difference: 'The agent waits for the end of its output until the time-out, and fails.',
    reports: [26, 118],
  },
  'runas: another user': {
    source: 'platform/linux_util prepare_script_command (su)',
    difference: 'Without a shell and PAM: the groups of the user, HOME, USER, LOGNAME and SHELL.',
    reports: [111],
  },
  'an event without scripts does nothing': { source: 'hook_executor is_noop?' },
  'a failure has the script, its exit code and the end of its log': {
    source: 'hook_executor ScriptLog, ScriptError',
    difference: 'Its last 10 lines without secrets instead of 2,048 characters; the rest stays in a log of root alone.',
  },
  'a script that a signal ends fails': { source: 'hook_executor execute_script', difference: 'The agent fails without a reason.' },
  'a previous ApplicationStop that cannot end is passed by the option for it': {
    source: 'hook_executor select_correct_deployment_root_dir',
    difference: 'A rollback always goes on.',
    reports: [80, 348],
  },
} as const satisfies Record<string, Feature>;
