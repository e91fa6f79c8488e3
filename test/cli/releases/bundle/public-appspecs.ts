/** Appspecs of public repositories, with the facts that a reader of them needs: comments and the order of keys are left out. */

interface PublicAppspec {
  readonly repository: string;
  readonly file?: 'appspec.yml' | 'appspec.yaml';
  readonly appspec: string;
  /** Next to the scripts and sources that it names. */
  readonly files?: readonly string[];
}

const ALL = (destination: string, more = ''): string => `version: 0.0
os: linux
files:
  - source: /
    destination: ${destination}
${more}`;

/** CodeDeploy accepts these. */
export const ACCEPTED: readonly PublicAppspec[] = [
  {
    repository: 'ashnike/bipoflask',
    appspec: ALL(
      '/home/ubuntu/app',
      `    overwrite: true
file_exists_behavior: OVERWRITE
hooks:
  BeforeInstall:
    - location: scripts/before_install.sh
      timeout: 300
      runas: root
  ValidateService:
    - location: scripts/validate_service.sh
      runas: root
`,
    ),
  },
  {
    repository: '0pointr/aws-bootstrap',
    appspec: ALL(
      '/home/ec2-user/app',
      `    overwrite: true

permissions:
  - object: /home/ec2-user/app
    pattern: "**"
    owner: ec2-user
    group: ec2-user

hooks:
  ApplicationStop:
    - location: scripts/application_stop.sh
      timeout: 300
      runas: ec2-user
  ApplicationStart:
    - location: scripts/application_start.sh
      timeout: 60
      runas: ec2-user
`,
    ),
  },
  {
    repository: '100-hours-a-week/1-team-one-be',
    appspec: ALL(
      '/home/ubuntu/app/backend',
      `permissions:
  - object: /home/ubuntu/app/backend/scripts
    pattern: "**"
    owner: ubuntu
    group: ubuntu
    mode: 755 # 실행 권한
hooks:
  ApplicationStart:
    - location: scripts/deploy.sh
      timeout: 180 # 3분
      runas: ubuntu
`,
    ),
  },
  { repository: '0num4/learn-codedeploy', appspec: ALL('/var/www/application').trimEnd() },
  {
    repository: '0308bae/ReactSpringboot',
    appspec: ALL(
      '/home/ec2-user/github_action',
      `    overwrite: yes
    
permissions:
  - object: /
    pattern: "**"
    owner: ec2-user
    group: ec2-user

hooks:
  ApplicationStart:
    - location: deploy.sh
      timeout: 60
      runas: ec2-user
`,
    ),
  },
  {
    repository: '1-n-Fee/1-n-Server',
    appspec: ALL(
      '/home/ec2-user/playkuround-server/ # name',
      `permissions:
  - object: /
    pattern: "**"
    owner: ec2-user
    group: ec2-user`,
    ),
  },
  {
    repository: '0xh/thegrid',
    appspec: `version: 0.0
os: linux
files:
   - source: /
     destination: /var/www/html
permissions:
   - object: /var/www/html
     pattern: "**"
     owner: apache
     group: apache
     mode: 755
     type:
       - file
hooks:
   BeforeInstall:
    - location: scripts/installapache.sh
      runas: root
    - location: scripts/startapache.sh
      runas: root
   AfterInstall:
    - location: scripts/restartapache.sh
      runas: root
    - location: scripts/updatecomposer.sh
      runas: root
`,
  },
  {
    repository: '94-s/CATCHER-BE',
    file: 'appspec.yaml',
    appspec: ALL('/home/ec2-user/server', 'permissions:\n  - object: /\n    pattern: "**"\n    owner: ec2-user\n    group: ec2-user'),
  },
  {
    repository: 'AlexsLemonade/OpenScPCA-nf',
    file: 'appspec.yaml',
    appspec: ALL(
      '/opt/nextflow',
      'hooks:\n  BeforeInstall:\n    - location: scripts/install_dependencies.sh\n      timeout: 300\n      runas: root\n',
    ),
  },
  {
    repository: '06-ServiceTF/HAPOOM-BE',
    appspec: ALL(
      '/home/ubuntu/HAPOOM-BE',
      `file_exists_behavior: OVERWRITE
hooks:
  BeforeInstall:
    - location: scripts/before-deploy.sh
      runas: ubuntu
`,
    ),
  },
  {
    repository: 'saaddd225/hisaad-html',
    appspec:
      'version: 0.0\nos: linux\nfiles:\n  - source: /index.html\n    destination: /var/www/html/index.html\n\nhooks:\n  AfterInstall:\n    - location: scripts/after_install.sh\n      timeout: 300\n      runas: ec2-user\n',
    files: ['index.html'],
  },
  {
    repository: 'rs0fox/html-pipeline',
    appspec: ALL(
      '/var/www/html',
      `permissions:
  - object: /var/www/html
    pattern: "**"
    owner: ec2-user  # replace
    group: apache
hooks:
  BeforeInstall:
    - location: scripts/install.sh
      timeout: 300
      runas: root

  ApplicationStop:
    - location: scripts/stop_server.sh
      timeout: 300
      runas: root
`,
    ),
  },
  {
    // Of its report about a failed stop (aws-codedeploy-agent, issue 186): leading and closing slashes.
    repository: 'aws/aws-codedeploy-agent#186',
    appspec:
      'version: 0.0\nos: linux\nfiles:\n  - source: /app.js\n    destination: /home/ec2-user/node-website\n  - source: /public/\n    destination: /home/ec2-user/node-website/public\nhooks:\n  AfterInstall:\n    - location: scripts/install_dependencies\n      timeout: 300\n      runas: root\n    - location: scripts/start_server\n      timeout: 300\n      runas: root\n',
    files: ['app.js', 'public/index.html'],
  },
  {
    // Of its report (issue 125): events and permissions that are there and empty.
    repository: 'aws/aws-codedeploy-agent#125',
    appspec:
      '---\nversion: 0.0\n\nos: linux\n\n\nhooks:\n\n  BeforeInstall:\n\n  AfterInstall:\n    - location: scripts/test.sh\n\n\nfiles:\n\n  - source: files/test.txt\n    destination: /tmp\n\n\npermissions:\n\n\n...\n',
    files: ['files/test.txt'],
  },
  {
    // Of its report (issue 369): the form of "type" that the agent reads.
    repository: 'aws/aws-codedeploy-agent#369',
    appspec: ALL(
      '/tmp/my-app',
      'permissions:\n  - object: /tmp/my-app\n    pattern: "*-3.txt"\n    owner: adm\n    group: wheel\n    mode: 464\n    type:\n      - file\n',
    ),
  },
];

/** CodeDeploy refuses these, most of them on the first server, or does nothing of what they meant. */
export const REFUSED: readonly (PublicAppspec & { readonly sentence: string })[] = [
  {
    repository: '00arpit00/codedeploy',
    appspec: 'version: 0.0\nResources:\n - TargetService:\n     Type: AWS::ECS::Service\n',
    sentence: 'os is missing: it must be linux',
  },
  {
    repository: '0x4447/0x4447_product_s3_email_lambda_inbound',
    appspec: 'version: 0.0\nResources:\n    - inbound:\n        Type: AWS::Lambda::Function\n',
    sentence: 'os is missing',
  },
  {
    repository: 'AryanRaj750/wordpress-6.0',
    file: 'appspec.yaml',
    appspec: 'version: 0.1\nos: linux\nfiles:\n  - source: /\n    destination: /var/www/html\n',
    sentence: 'version is "0.1": CodeDeploy knows 0.0 alone',
  },
  {
    repository: '03vinyamit/sampleAppLinux',
    appspec: 'version: 0.0\nos: linux\nfiles:\n  - source: scripts/test.py\n    destination: scripts/test.py\n',
    files: ['scripts/test.py'],
    sentence: 'files.0.destination is "scripts/test.py": it must be an absolute path on the servers',
  },
  {
    repository: '0xff0xfe/DVWA',
    appspec: 'version: 0.0\nos: linux\nfiles:\n  - source: /*\n    destination: /var/www/html/\n#hooks:\n#  BeforeInstall:\n',
    sentence: 'the source "*" is not in the bundle',
  },
  {
    repository: '0xef876/Login_back',
    appspec: ALL(
      '/home/ubuntu/back-end',
      'hooks:\n  AfterInstall:\n    - location: /home/ubuntu/back-end\n      commands:\n        - scripts/deploy.sh\n',
    ),
    sentence: 'the script "home/ubuntu/back-end" is not in the bundle',
  },
  {
    repository: 'kenny67/server',
    appspec: ALL('/var/www/shop/', 'hooks:\n  Before Install:\n    - location: scripts/before_install.sh\n'),
    files: ['scripts/before_install.sh'],
    sentence: 'hooks has "Before Install", which is no event with scripts on a server. Did you mean BeforeInstall?',
  },
  {
    repository: 'aws/aws-codedeploy-agent#33',
    appspec: ALL('/srv', 'hooks:\n  BeforeInstall:\n    - location: /usr/local/codedeploy-scripts/deregister_from_elb.sh\n'),
    sentence: 'the script "usr/local/codedeploy-scripts/deregister_from_elb.sh" is not in the bundle, where CodeDeploy searches for it',
  },
  {
    repository: 'aws/aws-codedeploy-agent#138',
    appspec: 'os: linux\nfiles:\n  - source: /adihealthdev/\n    destination: /var/www/adihealthdev\n',
    sentence: 'version is missing: CodeDeploy knows 0.0 alone',
  },
  {
    repository: 'aws/aws-codedeploy-agent#369, as reported',
    appspec: ALL('/tmp/my-app', 'permissions:\n  - object: /tmp/my-app\n    type: file\n'),
    sentence: 'permissions.0.type is "file": it must be a list, each line with "- "',
  },
];
