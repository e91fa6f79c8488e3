import { aws_cloudwatch as cloudwatch, Duration, type aws_dynamodb as dynamodb } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { RECORDS_ENV } from '../../functions/records/keys.ts';
import { ROWS } from '../../functions/widgets/contract.ts';
import { HoldfastFunction } from './holdfast-function.ts';

export interface RecordsWidgetProps {
  readonly functionName: string;
  readonly title: string;
  /** Handler file, relative to the repository. */
  readonly entry: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly records: dynamodb.ITable;
  /** Condition of its permission: which of the records it can read. */
  readonly which: Record<string, unknown>;
  /** Rows that it shows. @default 10 */
  readonly rows?: number;
}

const WIDTH = 24;
/** In units of 50 px, for rows of some 36 px below a head and the title. */
const heightOf = (rows: number): number => Math.ceil(((rows + 1) * 36) / 50) + 1;

/**
 * A custom widget and the function that draws it, which can read some of the records and nothing else. The dashboard
 * invokes the function with the viewer's own credentials: they need `lambda:InvokeFunction` on its alias.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard.html
 */
export class RecordsWidget extends Construct {
  readonly widget: cloudwatch.CustomWidget;

  constructor(scope: Construct, id: string, props: RecordsWidgetProps) {
    super(scope, id);
    const { rows = ROWS.default } = props;
    const fn = new HoldfastFunction(this, 'Draw', {
      functionName: props.functionName,
      description: `Dashboards: draws "${props.title}"`,
      entry: props.entry,
      environment: { ...props.environment, [RECORDS_ENV.recordsTable]: props.records.tableName },
      // Two reads of DynamoDB, and a retry of each.
      timeout: Duration.seconds(30),
      // An open dashboard calls it every minute; its log line has what a trace would show.
      traced: false,
    });
    fn.allow(['dynamodb:BatchGetItem', 'dynamodb:Query'], [props.records.tableArn], props.which);
    this.widget = new cloudwatch.CustomWidget({
      functionArn: fn.alias.functionArn,
      title: props.title,
      params: { rows },
      // It shows the latest ones, whatever the dashboard's time range is.
      updateOnTimeRangeChange: false,
      updateOnResize: false,
      width: WIDTH,
      height: heightOf(rows),
    });
  }
}
