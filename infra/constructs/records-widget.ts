import { aws_cloudwatch as cloudwatch, Duration, type aws_dynamodb as dynamodb, type aws_logs as logs } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ENV } from '../../functions/deploy/contract.ts';
import { ROWS } from '../../functions/widgets/contract.ts';
import { HoldfastFunction } from './holdfast-function.ts';

export interface RecordsWidgetProps {
  readonly functionName: string;
  readonly title: string;
  /** Handler file, relative to the repository. */
  readonly entry: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly records: dynamodb.ITable;
  /** How it reads: as narrow as what it draws allows. */
  readonly reads: readonly ('dynamodb:BatchGetItem' | 'dynamodb:Query')[];
  /** Condition of that permission: which of the records. */
  readonly which: Record<string, unknown>;
  readonly logRetentionDays: number;
}

/** As wide as a dashboard. */
const WIDTH = 24;
/** A row's height is some 36 px, a unit's 50. */
const HEIGHT = 9;

/**
 * A custom widget and the function that draws it, which may read a part of the records and nothing else. The dashboard
 * calls the function as whoever looks: they need `lambda:InvokeFunction` on its alias.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard.html
 */
export class RecordsWidget extends Construct {
  readonly widget: cloudwatch.CustomWidget;

  constructor(scope: Construct, id: string, props: RecordsWidgetProps) {
    super(scope, id);
    const fn = new HoldfastFunction(this, 'Draw', {
      functionName: props.functionName,
      description: `Dashboards: draws "${props.title}"`,
      entry: props.entry,
      environment: { ...props.environment, [ENV.recordsTable]: props.records.tableName },
      logRetentionDays: props.logRetentionDays as logs.RetentionDays,
      // The one of sweeps reads every sweep on record: a year's are a megabyte.
      timeout: Duration.seconds(30),
      // An open dashboard asks each minute; its log line says what a trace would.
      traced: false,
    });
    fn.allow([...props.reads], [props.records.tableArn], props.which);
    this.widget = new cloudwatch.CustomWidget({
      functionArn: fn.alias.functionArn,
      title: props.title,
      params: { rows: ROWS.shown },
      // The latest, whatever the dashboard's time range is.
      updateOnTimeRangeChange: false,
      updateOnResize: false,
      width: WIDTH,
      height: HEIGHT,
    });
  }
}
